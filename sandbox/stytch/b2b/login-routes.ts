import type { B2BClient } from 'stytch'
import { ApiError } from '../errors.ts'
import { type BackendRoute, routesOf } from '../sdk-route.ts'
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
import { authenticateMagicLink, inviteByLink, loginOrSignupByLink } from './magic-links.ts'
import { authenticateCode, loginOrSignupByCode } from './otps.ts'
import { migratePassword } from './password-migration.ts'
import {
  resetExistingPassword,
  resetPasswordByEmail,
  resetPasswordBySession,
  startPasswordReset,
} from './password-resets.ts'
import { authenticatePassword, checkStrength } from './passwords.ts'
import { authenticateSmsCode, sendSmsCode } from './sms-codes.ts'

const route = routesOf<B2BClient>()

/** No sandbox value is documented for these calls. */
function notPlayed(): never {
  throw new ApiError(
    'stand_in_not_implemented',
    'The stand-in has no OAuth and no SSO for members.',
  )
}

/** The routes that log members in. */
export const b2bLoginRoutes: BackendRoute[] = [
  route(
    'POST /v1/b2b/magic_links/email/login_or_signup',
    'magicLinks.email.loginOrSignup',
    loginOrSignupByLink,
  ),
  route('POST /v1/b2b/magic_links/email/invite', 'magicLinks.email.invite', inviteByLink),
  route('POST /v1/b2b/magic_links/authenticate', 'magicLinks.authenticate', authenticateMagicLink),
  route(
    'POST /v1/b2b/magic_links/email/discovery/send',
    'magicLinks.email.discovery.send',
    sendDiscoveryLink,
  ),
  route(
    'POST /v1/b2b/magic_links/discovery/authenticate',
    'magicLinks.discovery.authenticate',
    authenticateDiscoveryLink,
  ),

  route('POST /v1/b2b/otps/email/login_or_signup', 'otps.email.loginOrSignup', loginOrSignupByCode),
  route('POST /v1/b2b/otps/email/authenticate', 'otps.email.authenticate', authenticateCode),
  route('POST /v1/b2b/otps/email/discovery/send', 'otps.email.discovery.send', sendDiscoveryCode),
  route(
    'POST /v1/b2b/otps/email/discovery/authenticate',
    'otps.email.discovery.authenticate',
    authenticateDiscoveryCode,
  ),

  route('POST /v1/b2b/otps/sms/send', 'otps.sms.send', sendSmsCode),
  route('POST /v1/b2b/otps/sms/authenticate', 'otps.sms.authenticate', authenticateSmsCode),

  route('POST /v1/b2b/passwords/strength_check', 'passwords.strengthCheck', checkStrength),
  route('POST /v1/b2b/passwords/migrate', 'passwords.migrate', migratePassword),
  route('POST /v1/b2b/passwords/authenticate', 'passwords.authenticate', authenticatePassword),
  route(
    'POST /v1/b2b/passwords/email/reset/start',
    'passwords.email.resetStart',
    startPasswordReset,
  ),
  route('POST /v1/b2b/passwords/email/reset', 'passwords.email.reset', resetPasswordByEmail),
  route(
    'POST /v1/b2b/passwords/existing_password/reset',
    'passwords.existingPassword.reset',
    resetExistingPassword,
  ),
  route('POST /v1/b2b/passwords/session/reset', 'passwords.sessions.reset', resetPasswordBySession),
  route(
    'POST /v1/b2b/passwords/discovery/authenticate',
    'passwords.discovery.authenticate',
    authenticateDiscoveryPassword,
  ),
  route(
    'POST /v1/b2b/passwords/discovery/email/reset/start',
    'passwords.discovery.email.resetStart',
    startDiscoveryReset,
  ),
  route(
    'POST /v1/b2b/passwords/discovery/email/reset',
    'passwords.discovery.email.reset',
    resetDiscoveryPassword,
  ),

  route('POST /v1/b2b/discovery/organizations', 'discovery.organizations.list', listOrganizations),
  route(
    'POST /v1/b2b/discovery/organizations/create',
    'discovery.organizations.create',
    createOrganizationByDiscovery,
  ),
  route(
    'POST /v1/b2b/discovery/intermediate_sessions/exchange',
    'discovery.intermediateSessions.exchange',
    exchangeIntermediateSession,
  ),

  route('POST /v1/b2b/oauth/authenticate', 'oauth.authenticate', notPlayed),
  route('POST /v1/b2b/oauth/discovery/authenticate', 'oauth.discovery.authenticate', notPlayed),
  route('POST /v1/b2b/sso/authenticate', 'sso.authenticate', notPlayed),
]
