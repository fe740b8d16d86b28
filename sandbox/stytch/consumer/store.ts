import bcrypt from 'bcryptjs'
import type { Session, User } from 'stytch'
import { demoPassword, demoUsers } from '../../settings.ts'
import { newId, stableId, timestamp } from '../ids.ts'
import { bcryptHash } from '../password-hashes/bcrypt.ts'
import type { PasswordHash } from '../password-hashes/password-hash.ts'

/** A user, with the fields that the API does not return. */
export type UserRecord = {
  user: User
  passwordHash: PasswordHash | null
  /** The number of wrong passwords in a row. */
  failures: number
}

export type SessionRecord = { session: Session; token: string }

/** A mailed link, or an embeddable one. */
export type LinkRecord = {
  kind: 'magic_links' | 'reset_password' | 'embedded'
  token: string
  userId: string
  /** Where the link redirects to. Not used for an embeddable token. */
  redirectUrl: string
  codeChallenge: string | undefined
  expiresAt: number
  used: boolean
}

type CodeRecord = { userId: string; code: string; expiresAt: number; used: boolean }

/** The data of the consumer API. */
export type ConsumerStore = {
  users: Map<string, UserRecord>
  /** By session id. */
  sessions: Map<string, SessionRecord>
  /** By token. */
  links: Map<string, LinkRecord>
  /** By method id, so an address has one code at a time. */
  codes: Map<string, CodeRecord>
  /** The user of the sandbox values. No list and no search shows it. */
  sandboxUser: UserRecord
}

export const sandboxEmail = 'sandbox@stytch.com'
const sandboxUserId = 'user-test-e3795c81-f849-4167-bfda-e4a6e9c280fd'

/** Hashing is slow, and all demo users have the same password. */
let demoPasswordHash: PasswordHash | undefined

/** A store with the demo users that are imported already. */
export function createConsumerStore(now: number): ConsumerStore {
  demoPasswordHash ??= bcryptHash(bcrypt.hashSync(demoPassword, 10))
  const store: ConsumerStore = {
    users: new Map(),
    sessions: new Map(),
    links: new Map(),
    codes: new Map(),
    sandboxUser: emptyUser({ userId: sandboxUserId, email: sandboxEmail, now, verified: true }),
  }
  for (const demoUser of demoUsers.filter(({ inStytch }) => inStytch)) {
    const userId = stableId('user', demoUser.email)
    const record = emptyUser({ userId, email: demoUser.email, now, verified: true })
    const [firstName = '', ...rest] = demoUser.name.split(' ')
    record.user.name = { first_name: firstName, middle_name: '', last_name: rest.join(' ') }
    record.user.external_id = demoUser.subject
    record.user.password = { password_id: newId('password'), requires_reset: false }
    record.passwordHash = demoPasswordHash
    store.users.set(userId, record)
  }
  return store
}

/** A user with at most one e-mail address. */
export function emptyUser(input: {
  userId: string
  email: string | undefined
  now: number
  verified?: boolean
}): UserRecord {
  const { userId, email, now, verified = false } = input
  return {
    passwordHash: null,
    failures: 0,
    user: {
      user_id: userId,
      emails: email ? [{ email_id: stableId('email', email), email, verified }] : [],
      status: 'active',
      phone_numbers: [],
      webauthn_registrations: [],
      providers: [],
      totps: [],
      crypto_wallets: [],
      biometric_registrations: [],
      is_locked: false,
      roles: ['stytch_user'],
      name: { first_name: '', middle_name: '', last_name: '' },
      created_at: timestamp(now),
      trusted_metadata: {},
      untrusted_metadata: {},
    },
  }
}
