import type {
  AuthenticationFactor,
  B2BMagicLinksDiscoveryAuthenticateRequest,
  B2BMagicLinksDiscoveryAuthenticateResponse,
  B2BMagicLinksEmailDiscoverySendRequest,
  B2BMagicLinksEmailDiscoverySendResponse,
  B2BOTPEmailDiscoveryAuthenticateRequest,
  B2BOTPEmailDiscoveryAuthenticateResponse,
  B2BOTPEmailDiscoverySendRequest,
  B2BOTPEmailDiscoverySendResponse,
} from 'stytch'
import { checkPkce } from '../consumer/pkce.ts'
import { timestamp } from '../ids.ts'
import type { Project } from '../project.ts'
import { type Answer, emailAddress, requiredText, type Sent } from '../request-fields.ts'
import { discoveredOrganizations } from './discovered-organizations.ts'
import { emailCodeFactor, magicLinkFactor } from './email-factors.ts'
import { startIntermediateSession } from './intermediate-sessions.ts'
import { codeMinutes, mailCode, spendCode } from './member-codes.ts'
import { hourMinutes, mailMemberLink, requireMagicLink } from './member-links.ts'

/** The first half of discovery: a person proves an address, and gets the list of organizations. */

export function sendDiscoveryLink(
  project: Project,
  sent: Sent<B2BMagicLinksEmailDiscoverySendRequest>,
): Answer<B2BMagicLinksEmailDiscoverySendResponse> {
  const email = emailAddress(sent.email_address)
  project.rateLimits.mail(email)
  mailMemberLink(project, {
    type: 'discovery',
    redirectType: 'login',
    kind: 'login_link',
    email,
    memberId: undefined,
    slug: undefined,
    redirectUrl: sent.discovery_redirect_url,
    codeChallenge: sent.pkce_code_challenge,
    expirationMinutes: sent.discovery_expiration_minutes,
    defaultMinutes: hourMinutes,
  })
  return {}
}

export function authenticateDiscoveryLink(
  project: Project,
  sent: Sent<B2BMagicLinksDiscoveryAuthenticateRequest>,
): Answer<B2BMagicLinksDiscoveryAuthenticateResponse> {
  const token = requiredText(sent.discovery_magic_links_token, 'discovery_magic_links_token')
  const link = requireMagicLink(project, token, 'discovery')
  checkPkce(link.codeChallenge, sent.pkce_code_verifier)
  link.used = true
  return startDiscovery(project, link.email, [magicLinkFactor(link.email)])
}

export function sendDiscoveryCode(
  project: Project,
  sent: Sent<B2BOTPEmailDiscoverySendRequest>,
): Answer<B2BOTPEmailDiscoverySendResponse> {
  const email = emailAddress(sent.email_address)
  const lifetimeMinutes = codeMinutes(sent.discovery_expiration_minutes)
  project.rateLimits.mail(email)
  mailCode(project, { email, organizationId: undefined, lifetimeMinutes })
  return {}
}

export function authenticateDiscoveryCode(
  project: Project,
  sent: Sent<B2BOTPEmailDiscoveryAuthenticateRequest>,
): Answer<B2BOTPEmailDiscoveryAuthenticateResponse> {
  const email = emailAddress(sent.email_address)
  const code = requiredText(sent.code, 'code')
  spendCode(project, { email, organizationId: undefined, code })
  return startDiscovery(project, email, [emailCodeFactor(email)])
}

/** Starts an intermediate session, and lists the organizations that it can be exchanged into. */
export function startDiscovery(project: Project, email: string, factors: AuthenticationFactor[]) {
  const session = startIntermediateSession(project, { email, organizationId: null, factors })
  return {
    email_address: email,
    intermediate_session_token: session.token,
    intermediate_session_token_expires_at: timestamp(session.expiresAt),
    discovered_organizations: discoveredOrganizations(project, { email, factors, canJoin: true }),
  }
}
