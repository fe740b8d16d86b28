import { ApiError } from '../errors.ts'
import {
  type BackendHandler,
  type Fields,
  type FrontendCall,
  type FrontendRoute,
  frontendRoute as route,
  withoutSession,
  withSession,
} from '../frontend-route.ts'
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

/** Adds a factor to the session of the browser. Without a live session, it starts a new one. */
const signIn = (handler: BackendHandler) => async (project: Project, call: FrontendCall) => {
  const { sent, sessionToken, attributes } = call
  const isLive = sessionToken && (await findSession(project, { session_token: sessionToken }))
  const session = isLive ? { session_token: sessionToken } : {}
  return handler(project, { ...sent, ...session, attributes })
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
