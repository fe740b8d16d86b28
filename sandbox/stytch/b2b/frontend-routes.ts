import {
  type FrontendRoute,
  frontendRoute,
  withoutSession,
  withSession,
} from '../frontend-route.ts'
import {
  createOrganizationByDiscovery,
  exchangeIntermediateSession,
  listOrganizations,
} from './discovery-end.ts'
import {
  authenticateDiscoveryPassword,
  resetDiscoveryPassword,
  startDiscoveryReset,
} from './discovery-passwords.ts'
import {
  authenticateDiscoveryCode,
  authenticateDiscoveryLink,
  sendDiscoveryCode,
  sendDiscoveryLink,
} from './discovery-start.ts'
import { inOwnOrganization, signIn, withEitherSession } from './frontend-sessions.ts'
import {
  asMember,
  findMember,
  organizationBySlug,
  ownMember,
  ownOrganization,
  updateSelf,
} from './frontend-team.ts'
import { authenticateMagicLink, inviteByLink, loginOrSignupByLink } from './magic-links.ts'
import { createMember, deleteMember, updateMember } from './member-endpoints.ts'
import { searchMembers } from './member-search.ts'
import { authenticateMemberSession, revokeMemberSession } from './member-session-endpoints.ts'
import { exchangeMemberSession } from './member-session-exchange.ts'
import { updateOrganization } from './organization-endpoints.ts'
import { authenticateCode, loginOrSignupByCode } from './otps.ts'
import {
  resetExistingPassword,
  resetPasswordByEmail,
  resetPasswordBySession,
  startPasswordReset,
} from './password-resets.ts'
import { authenticatePassword, checkStrength } from './passwords.ts'
import { authenticateSmsCode, sendSmsCode } from './sms-codes.ts'

function route(
  methodAndPath: `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`,
  sdkMethod: string,
  handle: FrontendRoute['handle'],
): FrontendRoute {
  const [method = '', path = ''] = methodAndPath.split(' ')
  return frontendRoute(`${method as 'GET'} /sdk/v1/b2b${path}`, sdkMethod, handle)
}

/** The routes of the B2B browser SDK and of its pre-built UI. */
export const b2bFrontendRoutes: FrontendRoute[] = [
  route(
    'POST /sessions/authenticate',
    'session.authenticate',
    withSession(authenticateMemberSession),
  ),
  route('POST /sessions/exchange', 'session.exchange', withSession(exchangeMemberSession)),
  route(
    'POST /sessions/revoke',
    'session.revoke',
    withSession((project, { session_token }) => revokeMemberSession(project, { session_token })),
  ),

  route('POST /organizations/search', 'organization.getBySlug', withoutSession(organizationBySlug)),
  route('GET /organizations/me', 'organization.get', withSession(ownOrganization)),
  route(
    'PUT /organizations/me',
    'organization.update',
    withSession(asMember('organizations.update', updateOrganization)),
  ),
  route('GET /organizations/members/me', 'self.get', withSession(ownMember)),
  route('PUT /organizations/members/update', 'self.update', withSession(updateSelf)),
  route(
    'POST /organizations/me/members/search',
    'organization.members.search',
    withSession(asMember('organizations.members.search', searchMembers)),
  ),
  route('POST /organizations/members/search', '(pre-built UI)', withoutSession(findMember)),
  route(
    'POST /organizations/members',
    'organization.members.create',
    withSession(asMember('organizations.members.create', createMember)),
  ),
  route(
    'PUT /organizations/members/:member_id',
    'organization.members.update',
    withSession(asMember('organizations.members.update', updateMember)),
  ),
  route(
    'DELETE /organizations/members/:member_id',
    'organization.members.delete',
    withSession(asMember('organizations.members.delete', deleteMember)),
  ),

  route(
    'POST /magic_links/email/login_or_signup',
    'magicLinks.email.loginOrSignup',
    withoutSession(loginOrSignupByLink),
  ),
  route(
    'POST /magic_links/email/invite',
    'magicLinks.email.invite',
    withSession(asMember('magicLinks.email.invite', inviteByLink)),
  ),
  route('POST /magic_links/authenticate', 'magicLinks.authenticate', signIn(authenticateMagicLink)),
  route(
    'POST /magic_links/email/discovery/send',
    'magicLinks.email.discovery.send',
    withoutSession(sendDiscoveryLink),
  ),
  route(
    'POST /magic_links/discovery/authenticate',
    'magicLinks.discovery.authenticate',
    withoutSession(authenticateDiscoveryLink),
  ),

  route(
    'POST /otps/email/login_or_signup',
    'otps.email.loginOrSignup',
    withoutSession(loginOrSignupByCode),
  ),
  route('POST /otps/email/authenticate', 'otps.email.authenticate', signIn(authenticateCode)),
  route(
    'POST /otps/email/discovery/send',
    'otps.email.discovery.send',
    withoutSession(sendDiscoveryCode),
  ),
  route(
    'POST /otps/email/discovery/authenticate',
    'otps.email.discovery.authenticate',
    withoutSession(authenticateDiscoveryCode),
  ),

  route('POST /otps/sms/send', 'otps.sms.send', withEitherSession(sendSmsCode)),
  route(
    'POST /otps/sms/authenticate',
    'otps.sms.authenticate',
    withEitherSession(authenticateSmsCode),
  ),

  route('POST /passwords/strength_check', 'passwords.strengthCheck', withoutSession(checkStrength)),
  route('POST /passwords/authenticate', 'passwords.authenticate', signIn(authenticatePassword)),
  route(
    'POST /passwords/email/reset/start',
    'passwords.resetByEmailStart',
    withoutSession(startPasswordReset),
  ),
  route('POST /passwords/email/reset', 'passwords.resetByEmail', signIn(resetPasswordByEmail)),
  route(
    'POST /passwords/existing_password/reset',
    'passwords.resetByExistingPassword',
    signIn(resetExistingPassword),
  ),
  route(
    'POST /passwords/session/reset',
    'passwords.resetBySession',
    withSession(inOwnOrganization(resetPasswordBySession)),
  ),
  route(
    'POST /passwords/discovery/authenticate',
    'passwords.discovery.authenticate',
    withoutSession(authenticateDiscoveryPassword),
  ),
  route(
    'POST /passwords/discovery/reset/start',
    'passwords.discovery.resetByEmailStart',
    withoutSession(startDiscoveryReset),
  ),
  route(
    'POST /passwords/discovery/reset',
    'passwords.discovery.resetByEmail',
    withoutSession(resetDiscoveryPassword),
  ),

  route(
    'POST /discovery/organizations',
    'discovery.organizations.list',
    withEitherSession(listOrganizations),
  ),
  route(
    'POST /discovery/organizations/create',
    'discovery.organizations.create',
    withoutSession(createOrganizationByDiscovery),
  ),
  route(
    'POST /discovery/intermediate_sessions/exchange',
    'discovery.intermediateSessions.exchange',
    withoutSession(exchangeIntermediateSession),
  ),
]
