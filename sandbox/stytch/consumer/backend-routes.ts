import type { Client } from 'stytch'
import { projectName } from '../dashboard.ts'
import { publishedKeys } from '../published-keys.ts'
import { type BackendRoute, routesOf } from '../sdk-route.ts'
import { exchangePrimaryFactor } from './exchange-primary-factor.ts'
import {
  authenticateMagicLink,
  createEmbeddableLink,
  inviteByLink,
  loginOrCreateByLink,
  revokeInvite,
  sendMagicLink,
} from './magic-links.ts'
import { authenticateCode, loginOrCreateByCode, refusePhone, sendEmailCode } from './otps.ts'
import { migratePassword } from './password-migration.ts'
import {
  resetExistingPassword,
  resetPasswordByEmail,
  resetPasswordBySession,
  startPasswordReset,
} from './password-resets.ts'
import { checkStrength } from './password-strength.ts'
import { authenticatePassword, createPassword } from './passwords.ts'
import { authenticateSandboxOAuth } from './sandbox-values.ts'
import { authenticateSession, listSessions, revokeSession } from './session-endpoints.ts'
import { migrateSession } from './session-migration.ts'
import {
  deleteBiometricRegistration,
  deleteCryptoWallet,
  deleteEmail,
  deleteOAuthRegistration,
  deletePassword,
  deletePhoneNumber,
  deleteTotp,
  deleteWebAuthnRegistration,
} from './user-credentials.ts'
import { createUser, deleteExternalId, deleteUser, getUser, updateUser } from './user-endpoints.ts'
import { searchUsers } from './user-search.ts'

const route = routesOf<Client>()

/** The only route that needs no credentials. */
export const jwksRoute = route(
  'GET /v1/sessions/jwks/:project_id',
  'sessions.getJWKS',
  (project, sent) => publishedKeys(project, project.delays, sent.project_id),
)

export const consumerBackendRoutes: BackendRoute[] = [
  route('POST /v1/users', 'users.create', createUser),
  route('GET /v1/users/:user_id', 'users.get', getUser),
  route('PUT /v1/users/:user_id', 'users.update', updateUser),
  route(
    'PUT /v1/users/:user_id/exchange_primary_factor',
    'users.exchangePrimaryFactor',
    exchangePrimaryFactor,
  ),
  route('DELETE /v1/users/:user_id', 'users.delete', deleteUser),
  route('POST /v1/users/search', 'users.search', searchUsers),
  route('DELETE /v1/users/:user_id/external_id', 'users.deleteExternalId', deleteExternalId),
  route('DELETE /v1/users/emails/:email_id', 'users.deleteEmail', deleteEmail),
  route('DELETE /v1/users/passwords/:password_id', 'users.deletePassword', deletePassword),
  route('DELETE /v1/users/phone_numbers/:phone_id', 'users.deletePhoneNumber', deletePhoneNumber),
  route('DELETE /v1/users/totps/:totp_id', 'users.deleteTOTP', deleteTotp),
  route(
    'DELETE /v1/users/oauth/:oauth_user_registration_id',
    'users.deleteOAuthRegistration',
    deleteOAuthRegistration,
  ),
  route(
    'DELETE /v1/users/webauthn_registrations/:webauthn_registration_id',
    'users.deleteWebAuthnRegistration',
    deleteWebAuthnRegistration,
  ),
  route(
    'DELETE /v1/users/biometric_registrations/:biometric_registration_id',
    'users.deleteBiometricRegistration',
    deleteBiometricRegistration,
  ),
  route(
    'DELETE /v1/users/crypto_wallets/:crypto_wallet_id',
    'users.deleteCryptoWallet',
    deleteCryptoWallet,
  ),

  route('POST /v1/magic_links', 'magicLinks.create', createEmbeddableLink),
  route('POST /v1/magic_links/authenticate', 'magicLinks.authenticate', authenticateMagicLink),
  route('POST /v1/magic_links/email/send', 'magicLinks.email.send', sendMagicLink),
  route(
    'POST /v1/magic_links/email/login_or_create',
    'magicLinks.email.loginOrCreate',
    loginOrCreateByLink,
  ),
  route('POST /v1/magic_links/email/invite', 'magicLinks.email.invite', inviteByLink),
  route('POST /v1/magic_links/email/revoke_invite', 'magicLinks.email.revokeInvite', revokeInvite),

  route('POST /v1/otps/authenticate', 'otps.authenticate', authenticateCode),
  route('POST /v1/otps/email/send', 'otps.email.send', sendEmailCode),
  route('POST /v1/otps/email/login_or_create', 'otps.email.loginOrCreate', loginOrCreateByCode),
  route('POST /v1/otps/sms/send', 'otps.sms.send', refusePhone),
  route('POST /v1/otps/sms/login_or_create', 'otps.sms.loginOrCreate', refusePhone),
  route('POST /v1/otps/whatsapp/send', 'otps.whatsapp.send', refusePhone),
  route('POST /v1/otps/whatsapp/login_or_create', 'otps.whatsapp.loginOrCreate', refusePhone),

  route('POST /v1/passwords', 'passwords.create', createPassword),
  route('POST /v1/passwords/authenticate', 'passwords.authenticate', authenticatePassword),
  route('POST /v1/passwords/strength_check', 'passwords.strengthCheck', checkStrength),
  route('POST /v1/passwords/migrate', 'passwords.migrate', migratePassword),
  route('POST /v1/passwords/email/reset/start', 'passwords.email.resetStart', startPasswordReset),
  route('POST /v1/passwords/email/reset', 'passwords.email.reset', resetPasswordByEmail),
  route(
    'POST /v1/passwords/existing_password/reset',
    'passwords.existingPassword.reset',
    resetExistingPassword,
  ),
  route('POST /v1/passwords/session/reset', 'passwords.sessions.reset', resetPasswordBySession),

  route('GET /v1/sessions', 'sessions.get', listSessions),
  route('POST /v1/sessions/authenticate', 'sessions.authenticate', authenticateSession),
  route('POST /v1/sessions/revoke', 'sessions.revoke', revokeSession),
  route('POST /v1/sessions/migrate', 'sessions.migrate', migrateSession),

  route('POST /v1/oauth/authenticate', 'oauth.authenticate', authenticateSandboxOAuth),

  route('GET /v1/debug/whoami', 'debug.whoami', ({ projectId }) => ({
    project_id: projectId,
    name: projectName,
  })),
]
