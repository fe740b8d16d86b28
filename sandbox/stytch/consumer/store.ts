import bcrypt from 'bcryptjs'
import type { Session, User } from 'stytch'
import { demoPassword, demoUsers } from '../../settings.ts'
import { newId, stableId, timestamp } from '../ids.ts'

/** A user, and what Stytch knows about one without telling. */
export type UserRecord = {
  user: User
  passwordHash: string | null
  /** Wrong passwords in a row. */
  failures: number
}

export type SessionRecord = { session: Session; token: string }

/** A link that was mailed, or an embeddable one that was handed out. */
export type LinkRecord = {
  kind: 'magic_links' | 'reset_password' | 'embedded'
  token: string
  userId: string
  /** Where the link leads after the redirect; an embeddable token has no such place. */
  redirectUrl: string
  codeChallenge: string | undefined
  expiresAt: number
  used: boolean
}

export type CodeRecord = { userId: string; code: string; expiresAt: number; used: boolean }

/** Everything that the consumer API remembers. */
export type ConsumerStore = {
  users: Map<string, UserRecord>
  /** By session id. */
  sessions: Map<string, SessionRecord>
  /** By token. */
  links: Map<string, LinkRecord>
  /** By method id: one live code for an address. */
  codes: Map<string, CodeRecord>
  /** The user behind the sandbox values; in no list and in no search. */
  sandboxUser: UserRecord
}

export const SANDBOX_EMAIL = 'sandbox@stytch.com'
const SANDBOX_USER_ID = 'user-test-e3795c81-f849-4167-bfda-e4a6e9c280fd'

let demoPasswordHash: string | undefined

/** The store as it is after a reset: the demo users that were imported already. */
export function createConsumerStore(now: number): ConsumerStore {
  demoPasswordHash ??= bcrypt.hashSync(demoPassword, 10)
  const store: ConsumerStore = {
    users: new Map(),
    sessions: new Map(),
    links: new Map(),
    codes: new Map(),
    sandboxUser: emptyUser({ userId: SANDBOX_USER_ID, email: SANDBOX_EMAIL, now, verified: true }),
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

/** A user with one e-mail address, or with none. */
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
