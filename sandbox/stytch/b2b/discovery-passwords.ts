import type {
  B2BPasswordsDiscoveryAuthenticateRequest,
  B2BPasswordsDiscoveryAuthenticateResponse,
  B2BPasswordsDiscoveryEmailResetRequest,
  B2BPasswordsDiscoveryEmailResetResponse,
  B2BPasswordsDiscoveryEmailResetStartRequest,
  B2BPasswordsDiscoveryEmailResetStartResponse,
} from 'stytch'
import { acceptablePassword } from '../consumer/password-strength.ts'
import { checkPkce } from '../consumer/pkce.ts'
import { ApiError } from '../errors.ts'
import { hashPassword } from '../password-hashes/bcrypt.ts'
import type { Project } from '../project.ts'
import { type Answer, emailAddress, requiredText, type Sent } from '../request-fields.ts'
import { startDiscovery } from './discovery-start.ts'
import { magicLinkFactor } from './email-factors.ts'
import { mailMemberLink, requireResetLink } from './member-links.ts'
import { checkPassword, refuseBreached, setPasswordHash } from './member-passwords.ts'
import { revokeMemberSessions } from './member-sessions.ts'
import { membersWithEmail } from './members.ts'
import { defaultResetMinutes } from './password-resets.ts'
import { passwordFactor } from './passwords.ts'

/** Passwords in discovery. The project allows one password for all organizations of a person. */

export async function authenticateDiscoveryPassword(
  project: Project,
  sent: Sent<B2BPasswordsDiscoveryAuthenticateRequest>,
): Promise<Answer<B2BPasswordsDiscoveryAuthenticateResponse>> {
  const email = emailAddress(sent.email_address)
  const members = membersWithEmail(project, email)
  const record = members.find(({ passwordHash }) => passwordHash !== null)
  if (!record) throw new ApiError('member_password_not_found')
  await checkPassword(project, record, sent.password)
  refuseBreached(sent.password)
  return startDiscovery(project, email, [passwordFactor])
}

/** Mails a link to every address, so that the answer does not tell who is a member. */
export function startDiscoveryReset(
  project: Project,
  sent: Sent<B2BPasswordsDiscoveryEmailResetStartRequest>,
): Answer<B2BPasswordsDiscoveryEmailResetStartResponse> {
  const email = emailAddress(sent.email_address)
  project.rateLimits.mail(email)
  mailMemberLink(project, {
    type: 'discovery',
    redirectType: 'reset_password',
    kind: 'password_reset',
    email,
    memberId: undefined,
    slug: undefined,
    redirectUrl: sent.reset_password_redirect_url,
    codeChallenge: sent.pkce_code_challenge,
    expirationMinutes: sent.reset_password_expiration_minutes,
    defaultMinutes: defaultResetMinutes,
  })
  return {}
}

/** Sets the password of the person in all organizations. A newcomer's first membership gets it. */
export async function resetDiscoveryPassword(
  project: Project,
  sent: Sent<B2BPasswordsDiscoveryEmailResetRequest>,
): Promise<Answer<B2BPasswordsDiscoveryEmailResetResponse>> {
  const token = requiredText(sent.password_reset_token, 'password_reset_token')
  const link = requireResetLink(project, token, 'discovery')
  checkPkce(link.codeChallenge, sent.pkce_code_verifier)
  const password = acceptablePassword(sent.password, link.email)
  link.used = true
  const hash = await hashPassword(password)
  const members = membersWithEmail(project, link.email)
  for (const record of members) {
    revokeMemberSessions(project, record.member.member_id)
    setPasswordHash(record, hash)
    record.member.email_address_verified = true
  }
  if (members.length === 0) project.b2b.logins.newcomerPasswords.set(link.email, hash)
  return startDiscovery(project, link.email, [magicLinkFactor(link.email), passwordFactor])
}
