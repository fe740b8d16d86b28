import type { OAuthAuthenticateRequest, OAuthAuthenticateResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import { stableId, timestamp } from '../ids.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import { emailCodeFactor, magicLinkFactor, passwordFactor, phoneCodeFactor } from './factors.ts'
import { authenticateSession } from './session-endpoints.ts'
import type { SessionRequest } from './session-options.ts'
import { sessionOptions, startSession } from './sessions.ts'
import { sandboxEmail } from './store.ts'
import { primaryEmail } from './users.ts'

/** The values that Stytch documents for its test environment. */
export const sandboxValues = {
  email: sandboxEmail,
  phone: '+10000000000',
  code: '000000',
  magicLink: {
    success: 'DOYoip3rvIMMW5lgItikFK-Ak1CfMsgjuiCyI7uuU94=',
    unableToAuth: '3pzjQpgksDlGKWEwUq2Up--hCHC_0oamfLHyfspKDFU=',
    notFound: 'CprTtwhnRNiMBiUS2jSLcWYrfuO2POeBNdo5HhW6qTM=',
  },
  session: {
    success: 'WJtR5BCy38Szd5AfoDpf0iqFKEt4EE5JhjlWUY7l3FtY',
    notFound: '59cnLELtq5cFVS6uYK9f-pAWzBkhqZl8AvLhbhOvKNWw',
  },
  oauth: {
    success: 'hdPVZHHX0UoRa7hJTuuPHi1vlddffSnoweRbVFf5-H8g',
    notFound: '59cnLELtq5cFVS6uYK9f-pAWzBkhqZl8AvLhbhOvKNWw',
  },
} as const

type SandboxAnswer = (project: Project, sent: Record<string, unknown>) => unknown

const emailSent: SandboxAnswer = ({ consumer: { sandboxUser } }, sent) => {
  if (!isSandboxEmail(sent.email)) return undefined
  const { email_id } = primaryEmail(sandboxUser)
  return { user_id: sandboxUser.user.user_id, email_id, user_created: false }
}

const phoneId = stableId('phone-number', sandboxValues.phone)

const phoneSent: SandboxAnswer = ({ consumer: { sandboxUser } }, sent) =>
  sent.phone_number === sandboxValues.phone
    ? { user_id: sandboxUser.user.user_id, phone_id: phoneId, user_created: false }
    : undefined

const inviteRevoked: SandboxAnswer = (_, sent) => (isSandboxEmail(sent.email) ? {} : undefined)

const anyPassword: SandboxAnswer = async (project, sent) => {
  if (!isSandboxEmail(sent.email)) return undefined
  const { sandboxUser } = project.consumer
  const options = await sessionOptions(project, sent)
  const answer = await startSession(project, sandboxUser, passwordFactor, options)
  return { ...answer, email_id: primaryEmail(sandboxUser).email_id }
}

const linkToken: SandboxAnswer = async (project, sent) => {
  const { success, unableToAuth, notFound } = sandboxValues.magicLink
  if (sent.token === unableToAuth) throw new ApiError('unable_to_auth_magic_link')
  if (sent.token === notFound) throw new ApiError('magic_link_not_found')
  return sent.token === success ? emailAnswer(project, sent, magicLinkFactor) : undefined
}

const code: SandboxAnswer = async (project, sent) => {
  const { email_id } = primaryEmail(project.consumer.sandboxUser)
  if (sent.method_id !== email_id && sent.method_id !== phoneId) return undefined
  if (sent.code !== sandboxValues.code) throw new ApiError('otp_code_not_found')
  if (sent.method_id === email_id) return emailAnswer(project, sent, emailCodeFactor)
  const factor = () => phoneCodeFactor(phoneId, sandboxValues.phone)
  return { ...(await emailAnswer(project, sent, factor)), method_id: phoneId }
}

const sessionToken: SandboxAnswer = async (project, sent) => {
  const { success, notFound } = sandboxValues.session
  if (sent.session_token === notFound) throw new ApiError('session_not_found')
  if (sent.session_token !== success) return undefined
  await openSandboxSession(project)
  return authenticateSession(project, sent)
}

/** By SDK method. The backend API looks here first. */
const answers: Record<string, SandboxAnswer> = {
  'magicLinks.authenticate': linkToken,
  'magicLinks.email.invite': emailSent,
  'magicLinks.email.loginOrCreate': emailSent,
  'magicLinks.email.revokeInvite': inviteRevoked,
  'magicLinks.email.send': emailSent,
  'otps.authenticate': code,
  'otps.email.loginOrCreate': emailSent,
  'otps.email.send': emailSent,
  'otps.sms.loginOrCreate': phoneSent,
  'otps.sms.send': phoneSent,
  'otps.whatsapp.loginOrCreate': phoneSent,
  'otps.whatsapp.send': phoneSent,
  'passwords.authenticate': anyPassword,
  'passwords.create': anyPassword,
  'sessions.authenticate': sessionToken,
}

/** Undefined: the request has no sandbox value. */
export async function sandboxAnswer(
  project: Project,
  sdkMethod: string,
  sent: Record<string, unknown>,
): Promise<unknown> {
  return answers[sdkMethod]?.(project, sent)
}

const isSandboxEmail = (value: unknown): boolean =>
  typeof value === 'string' && value.toLowerCase() === sandboxEmail

async function emailAnswer(
  project: Project,
  sent: Sent<SessionRequest>,
  factor: typeof magicLinkFactor,
) {
  const { sandboxUser } = project.consumer
  const options = await sessionOptions(project, sent)
  const answer = await startSession(project, sandboxUser, factor(sandboxUser), options)
  return { ...answer, method_id: primaryEmail(sandboxUser).email_id, reset_sessions: false }
}

/** The session of the documented token. It always exists, and started in 2021. */
async function openSandboxSession(project: Project): Promise<void> {
  const { sandboxUser, sessions } = project.consumer
  const started_at = '2021-08-28T00:41:58.935673Z'
  const session_id = stableId('session', sandboxEmail)
  const at = timestamp(project.clock.now())
  const times = {
    created_at: started_at,
    updated_at: started_at,
    last_authenticated_at: started_at,
  }
  sessions.set(session_id, {
    token: sandboxValues.session.success,
    session: {
      session_id,
      user_id: sandboxUser.user.user_id,
      started_at,
      last_accessed_at: at,
      expires_at: timestamp(project.clock.now() + 3_600_000),
      attributes: { ip_address: '', user_agent: '' },
      authentication_factors: [{ ...magicLinkFactor(sandboxUser), ...times }],
      custom_claims: {},
      roles: sandboxUser.user.roles,
    },
  })
}

/** The only part of OAuth that the stand-in plays. The tests with your own keys use these tokens. */
export async function authenticateSandboxOAuth(
  project: Project,
  sent: Sent<OAuthAuthenticateRequest>,
): Promise<Answer<OAuthAuthenticateResponse>> {
  const token = requiredText(sent.token, 'token')
  if (token !== sandboxValues.oauth.success) throw new ApiError('oauth_token_not_found')
  const { sandboxUser } = project.consumer
  const options = await sessionOptions(project, sent)
  const factor = { type: 'oauth', delivery_method: 'oauth_google' }
  const { session, ...answer } = await startSession(project, sandboxUser, factor, options)
  return {
    ...answer,
    user_session: session,
    provider_subject: 'sandbox',
    provider_type: 'Google',
    provider_values: { access_token: '', refresh_token: '', id_token: '', scopes: [] },
    oauth_user_registration_id: stableId('oauth-user', sandboxEmail),
    reset_sessions: false,
  }
}
