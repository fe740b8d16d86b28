import { projectName } from '../dashboard.ts'
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

/** A request of the browser SDK. */
type FrontendCall = {
  /** The body and the path parameters. */
  sent: Fields
  /** From the Authorization header. */
  sessionToken: string | undefined
  /** The facts about the browser that Stytch reads from the request. */
  attributes: { ip_address: string; user_agent: string }
}

export type FrontendRoute = {
  method: string
  path: string
  /** The SDK method that calls the route. */
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

/** A handler of the backend API. The two APIs differ only in how they send the session. */
type BackendHandler = (project: Project, sent: Fields) => unknown

/** Ignores the session of the browser. */
const withoutSession =
  (handler: BackendHandler) =>
  (project: Project, { sent }: FrontendCall) =>
    handler(project, sent)

/** Adds a factor to the session of the browser. Without a live session, it starts a new one. */
const signIn = (handler: BackendHandler) => async (project: Project, call: FrontendCall) => {
  const { sent, sessionToken, attributes } = call
  const isLive = sessionToken && (await findSession(project, { session_token: sessionToken }))
  const session = isLive ? { session_token: sessionToken } : {}
  return handler(project, { ...sent, ...session, attributes })
}

/** Needs a live session. For a dead one, it answers the error at which the SDK removes its cookies. */
const withSession = (handler: BackendHandler) => async (project: Project, call: FrontendCall) => {
  const { sent, sessionToken, attributes } = call
  if (!sessionToken) throw new ApiError('user_unauthenticated')
  try {
    return await handler(project, { ...sent, session_token: sessionToken, attributes })
  } catch (error) {
    const isDead = error instanceof ApiError && error.type === 'session_not_found'
    throw isDead ? new ApiError('unauthorized_credentials') : error
  }
}

async function sessionUser(project: Project, { sessionToken }: FrontendCall): Promise<UserRecord> {
  if (!sessionToken) throw new ApiError('user_unauthenticated')
  const record = await findSession(project, { session_token: sessionToken })
  if (!record) throw new ApiError('unauthorized_credentials')
  return requireUser(project, record.session.user_id)
}

/** The browser SDK sends the code in the field `token`. */
const authenticateCodeInToken: BackendHandler = (project, { token, ...sent }) =>
  authenticateCode(project, { ...sent, code: token })

/** The browser SDK reads `email_id` from the field `method_id`. */
const withMethodId = (handler: typeof sendEmailCode) => (project: Project, sent: Fields) => {
  const answer = handler(project, sent)
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

/** The settings that the SDK loads first. PKCE is required, as a real project can require it. */
function bootstrap(project: Project, { sent }: FrontendCall) {
  if (sent.public_token !== project.publicToken) throw new ApiError('unauthorized_credentials')
  return {
    project_name: projectName,
    disable_sdk_watermark: false,
    cname_domain: null,
    email_domains: ['example.com'],
    captcha_settings: { enabled: false },
    pkce_required_for_email_magic_links: project.dashboard.sdk.magic_links.pkce_required,
    pkce_required_for_password_resets:
      project.dashboard.sdk.passwords.pkce_required_for_password_resets,
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

/** The SDK calls these routes before it sends any credentials. */
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
    withoutSession(loginOrCreateByLink),
  ),
  route(
    'POST /sdk/v1/magic_links/email/send/primary',
    'magicLinks.email.send',
    withoutSession(sendMagicLink),
  ),
  route(
    'POST /sdk/v1/magic_links/authenticate',
    'magicLinks.authenticate',
    signIn(authenticateMagicLink),
  ),

  route(
    'POST /sdk/v1/otps/email/login_or_create',
    'otps.email.loginOrCreate',
    withoutSession(withMethodId(loginOrCreateByCode)),
  ),
  route(
    'POST /sdk/v1/otps/email/send/primary',
    'otps.email.send',
    withoutSession(withMethodId(sendEmailCode)),
  ),
  route('POST /sdk/v1/otps/authenticate', 'otps.authenticate', signIn(authenticateCodeInToken)),

  route('POST /sdk/v1/passwords', 'passwords.create', signIn(createPassword)),
  route(
    'POST /sdk/v1/passwords/authenticate',
    'passwords.authenticate',
    signIn(authenticatePassword),
  ),
  route(
    'POST /sdk/v1/passwords/strength_check',
    'passwords.strengthCheck',
    withoutSession(checkStrength),
  ),
  route(
    'POST /sdk/v1/passwords/email/reset/start',
    'passwords.resetByEmailStart',
    withoutSession(startPasswordReset),
  ),
  route(
    'POST /sdk/v1/passwords/email/reset',
    'passwords.resetByEmail',
    signIn(resetPasswordByEmail),
  ),
  route(
    'POST /sdk/v1/passwords/existing_password/reset',
    'passwords.resetByExistingPassword',
    signIn(resetExistingPassword),
  ),
  route(
    'POST /sdk/v1/passwords/session/reset',
    'passwords.resetBySession',
    withSession(resetPasswordBySession),
  ),
]
