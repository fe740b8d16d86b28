import 'server-only'
import type { Client } from 'stytch'
import { callStytch, StytchRefusal } from './client'
import type { SessionFactors } from './factors'
import { type Credential, endOtherSessions, fetchUser, type StytchUser, unlessGone } from './users'

const deletions = {
  password: (client, password_id) => client.users.deletePassword({ password_id }),
  totp: (client, totp_id) => client.users.deleteTOTP({ totp_id }),
  oauth: (client, oauth_user_registration_id) =>
    client.users.deleteOAuthRegistration({ oauth_user_registration_id }),
  phone_number: (client, phone_id) => client.users.deletePhoneNumber({ phone_id }),
  webauthn: (client, webauthn_registration_id) =>
    client.users.deleteWebAuthnRegistration({ webauthn_registration_id }),
  biometric: (client, biometric_registration_id) =>
    client.users.deleteBiometricRegistration({ biometric_registration_id }),
  crypto_wallet: (client, crypto_wallet_id) =>
    client.users.deleteCryptoWallet({ crypto_wallet_id }),
} satisfies Record<Credential['kind'], (client: Client, id: string) => Promise<unknown>>

/** The addresses and credentials that another person may have attached before this session proved the address. */
function foreignTo({ factors }: { factors: SessionFactors }, user: StytchUser, proved: string) {
  return {
    addresses: user.addresses.filter(({ email }) => email !== proved),
    // The factors of the session itself belong to its holder.
    credentials: user.credentials.filter(({ kind, id }) =>
      kind === 'password' ? !factors.hasPassword : !factors.ids.includes(id),
    ),
  }
}

/**
 * Removes what another person may have attached to a user before this session proved the address, and revokes the
 * other sessions.
 * @param proved the address that stays
 * @throws {ProofIncomplete} the address must not count as proved then
 * @throws {StytchRefusal} `user_not_found`
 */
export async function removeForeignCredentials(
  user: StytchUser,
  proved: string,
  session: { sessionId: string; factors: SessionFactors },
): Promise<void> {
  try {
    await remove(user, proved, session)
  } catch (error) {
    const isGone = error instanceof StytchRefusal && error.errorType === 'user_not_found'
    throw isGone || error instanceof ProofIncomplete ? error : new ProofIncomplete(error)
  }
}

async function remove(
  user: StytchUser,
  proved: string,
  session: { sessionId: string; factors: SessionFactors },
): Promise<void> {
  const { addresses, credentials } = foreignTo(session, user, proved)
  for (const { id } of addresses) {
    await unlessGone(callStytch((client) => client.users.deleteEmail({ email_id: id })))
  }
  for (const { kind, id } of credentials) {
    await unlessGone(callStytch((client) => deletions[kind](client, id)))
  }
  // The sessions come last. Otherwise a credential could open another one in between.
  const ended = await endOtherSessions(user.id, session.sessionId)
  if (ended + addresses.length + credentials.length === 0) return
  // One of those sessions may have attached something in between.
  const left = foreignTo(session, await fetchUser(user.id), proved)
  if (left.addresses.length + left.credentials.length > 0) throw new ProofIncomplete()
}

/**
 * Another person's way to sign in may still be attached to the user. So the address does not count as proved, and the
 * account stays closed. The next request tries again.
 */
export class ProofIncomplete extends Error {
  readonly code = 'proof_incomplete'
  constructor(cause?: unknown) {
    super("Another person's way to sign in may still be attached to the Stytch user.", { cause })
    this.name = 'ProofIncomplete'
  }
}
