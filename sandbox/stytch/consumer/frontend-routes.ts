import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { emailAddress } from '../request-fields.ts'
import { authenticateMagicLink, loginOrCreateByLink, sendMagicLink } from './magic-links.ts'
import { authenticateCode, loginOrCreateByCode, sendEmailCode } from './otps.ts'
import {
  resetExistingPassword,
  resetPasswordByEmail,
  resetPasswordBySession,
  startPasswordReset,
} from './password-resets.ts'
import { checkStrength } from './password-strength.ts'
import { authenticatePassword, createPassword } from './passwords.ts'
import { authenticateSession, revokeSession } from './session-endpoints.ts'
import { findSession } from './sessions.ts'
import type { UserRecord } from './store.ts'
import { updateUser } from './user-endpoints.ts'
import { findByEmail, requireUser } from './users.ts'

type Fields = Record<string, unknown>

/** A call of the browser SDK. */
export type FrontendCall = {
  /** The body and the path parameters. */
  sent: Fields
  /** The session token from the Authorization header, if the browser has one. */
  sessionToken: string | undefined
  /** What Stytch itself sees of the browser. */
  attributes: { ip_address: string; user_agent: string }
}

export type FrontendRoute = {
  method: string
  path: string
  /** The method of the SDK's browser client that calls it. */
  sdkMethod: string
  handle: (project: Project, call: FrontendCall) => unknown
}

function route(
  methodAndPath: `${'GET' | 'POST' | 'PUT'} /sdk/v1/${string}`,
  sdkMethod: string,
  handle: FrontendRoute['handle'],
): FrontendRoute {
  const [method = '', path = ''] = methodAndPath.split(' ')
  return { method, path, sdkMethod, handle }
}

type CoreFunction = (project: Project, sent: Fields) => unknown

/** The same function as the backend's, without a session. */
const plain =
  (core: CoreFunction) =>
  (project: Project, { sent }: FrontendCall) =>
    core(project, sent)

/** The same function as the backend's, on top of the browser's session if that is alive. */
const signingIn = (core: CoreFunction) => async (project: Project, call: FrontendCall) => {
  const { sent, sessionToken, attributes } = call
  const alive = sessionToken && (await findSession(project, { session_token: sessionToken }))
  const session = alive ? { session_token: sessionToken } : {}
  return core(project, { ...sent, ...session, attributes })
}

/** Needs the session; a dead one answers what makes the SDK forget it. */
const withSession = (core: CoreFunction) => async (project: Project, call: FrontendCall) => {
  const { sent, sessionToken, attributes } = call
  if (!sessionToken) throw new ApiError('user_unauthenticated')
  try {
    return await core(project, { ...sent, session_token: sessionToken, attributes })
  } catch (error) {
    const dead = error instanceof ApiError && error.type === 'session_not_found'
    throw dead ? new ApiError('unauthorized_credentials') : error
  }
}

async function sessionUser(project: Project, { sessionToken }: FrontendCall): Promise<UserRecord> {
  if (!sessionToken) throw new ApiError('user_unauthenticated')
  const record = await findSession(project, { session_token: sessionToken })
  if (!record) throw new ApiError('unauthorized_credentials')
  return requireUser(project, record.session.user_id)
}

/** The browser SDK sends the code as `token`. */
const codeAsToken: CoreFunction = (project, { token, ...sent }) =>
  authenticateCode(project, { ...sent, code: token })

/** The browser SDK reads the method id under a name of its own. */
const withMethodId = (core: typeof sendEmailCode) => (project: Project, sent: Fields) => {
  const answer = core(project, sent)
  return { ...answer, method_id: answer.email_id }
}

function userType(project: Project, { sent }: FrontendCall) {
  const record = findByEmail(project, emailAddress(sent.email))
  if (!record) return { userType: 'new' }
  return { userType: record.passwordHash === null ? 'passwordless' : 'password' }
}

async function updateSelf(project: Project, call: FrontendCall) {
  const { user } = await sessionUser(project, call)
  const { name, untrusted_metadata } = call.sent
  const answer = updateUser(project, { user_id: user.user_id, name, untrusted_metadata })
  return { ...answer, __user: user }
}

/** What the SDK asks first. PKCE is required where the real project may require it. */
function bootstrap(project: Project, { sent }: FrontendCall) {
  if (sent.public_token !== project.publicToken) throw new ApiError('unauthorized_credentials')
  return {
    project_name: 'Cutover (local stand-in)',
    disable_sdk_watermark: false,
    cname_domain: null,
    email_domains: ['example.com'],
    captcha_settings: { enabled: false },
    pkce_required_for_email_magic_links: true,
    pkce_required_for_password_resets: true,
    pkce_required_for_oauth: true,
    pkce_required_for_sso: true,
    slug_pattern: null,
    create_organization_enabled: false,
    password_config: null,
    dfp_protected_auth_enabled: false,
    dfp_protected_auth_mode: null,
    rbac_policy: {
      roles: [{ role_id: 'stytch_user', description: '', permissions: [] }],
      resources: [],
    },
    siwe_required_for_crypto_wallets: false,
    vertical: 'CONSUMER',
  }
}

/** Served without credentials: they are called before there is anything to send. */
export const openFrontendRoutes: FrontendRoute[] = [
  route('GET /sdk/v1/projects/bootstrap/:public_token', '(construction)', bootstrap),
  route('POST /sdk/v1/events', '(telemetry)', () => ({})),
]

export const consumerFrontendRoutes: FrontendRoute[] = [
  route(
    'POST /sdk/v1/sessions/authenticate',
    'session.authenticate',
    withSession(authenticateSession),
  ),
  route(
    'POST /sdk/v1/sessions/revoke',
    'session.revoke',
    withSession((project, { session_token }) => revokeSession(project, { session_token })),
  ),

  route('GET /sdk/v1/users/me', 'user.get', async (project, call) => ({
    ...(await sessionUser(project, call)).user,
  })),
  route('PUT /sdk/v1/users/me', 'user.update', updateSelf),
  route('POST /sdk/v1/users/search', '(pre-built UI)', userType),

  route(
    'POST /sdk/v1/magic_links/email/login_or_create',
    'magicLinks.email.loginOrCreate',
    plain(loginOrCreateByLink),
  ),
  route(
    'POST /sdk/v1/magic_links/email/send/primary',
    'magicLinks.email.send',
    plain(sendMagicLink),
  ),
  route(
    'POST /sdk/v1/magic_links/authenticate',
    'magicLinks.authenticate',
    signingIn(authenticateMagicLink),
  ),

  route(
    'POST /sdk/v1/otps/email/login_or_create',
    'otps.email.loginOrCreate',
    plain(withMethodId(loginOrCreateByCode)),
  ),
  route(
    'POST /sdk/v1/otps/email/send/primary',
    'otps.email.send',
    plain(withMethodId(sendEmailCode)),
  ),
  route('POST /sdk/v1/otps/authenticate', 'otps.authenticate', signingIn(codeAsToken)),

  route('POST /sdk/v1/passwords', 'passwords.create', signingIn(createPassword)),
  route(
    'POST /sdk/v1/passwords/authenticate',
    'passwords.authenticate',
    signingIn(authenticatePassword),
  ),
  route('POST /sdk/v1/passwords/strength_check', 'passwords.strengthCheck', plain(checkStrength)),
  route(
    'POST /sdk/v1/passwords/email/reset/start',
    'passwords.resetByEmailStart',
    plain(startPasswordReset),
  ),
  route(
    'POST /sdk/v1/passwords/email/reset',
    'passwords.resetByEmail',
    signingIn(resetPasswordByEmail),
  ),
  route(
    'POST /sdk/v1/passwords/existing_password/reset',
    'passwords.resetByExistingPassword',
    signingIn(resetExistingPassword),
  ),
  route(
    'POST /sdk/v1/passwords/session/reset',
    'passwords.resetBySession',
    withSession(resetPasswordBySession),
  ),
]
