import { randomBytes } from 'node:crypto'
import bcrypt from 'bcryptjs'
import { demoPassword, demoUsers } from '../settings.ts'
import type { Clock } from '../stand-in/clock.ts'

/** A user of the tenant's only database connection, or of a social connection. */
export type User = {
  user_id: string
  email: string
  email_verified: boolean
  name: string
  nickname: string
  given_name?: string
  family_name?: string
  picture?: string
  phone_number?: string
  phone_verified?: boolean
  blocked: boolean
  /** The providers of a second factor that the user has enrolled in. */
  multifactor?: string[]
  /** Empty for a user of a social connection. */
  passwordHash: string
  app_metadata: Record<string, unknown>
  user_metadata: Record<string, unknown>
  logins_count: number
  last_login?: string
  last_password_reset?: string
  created_at: string
  updated_at: string
}

export type UserStore = ReturnType<typeof createUserStore>

/** bcrypt with ten rounds, as at Auth0. Stytch can import such a hash. */
export const hashPassword = (password: string) => bcrypt.hash(password, 10)

export const passwordMatches = (user: User, password: string) =>
  bcrypt.compare(password, user.passwordHash)

/** Hashing is slow, and all demo users have the same password. */
let demoPasswordHash: Promise<string> | undefined

export function hashOfDemoPassword(): Promise<string> {
  demoPasswordHash ??= hashPassword(demoPassword)
  return demoPasswordHash
}

/** The users, in memory. E-mail addresses are kept in lower case, as at Auth0. */
export function createUserStore(clock: Clock) {
  const users = new Map<string, User>()

  const store = {
    /** Replaces all users with the demo users. */
    async seed() {
      const passwordHash = await hashOfDemoPassword()
      users.clear()
      for (const { subject, emailVerified, email, name, hasSecondFactor } of demoUsers) {
        const ids = { user_id: subject, email_verified: emailVerified }
        const multifactor = hasSecondFactor ? ['guardian'] : undefined
        store.add({ ...ids, email, name, multifactor, passwordHash })
      }
    },

    byId: (id: string): User | undefined => users.get(id),

    all: (): User[] => [...users.values()],

    byEmail(email: string): User | undefined {
      const wanted = email.trim().toLowerCase()
      return [...users.values()].find((user) => user.email === wanted)
    },

    add(input: Pick<User, 'email' | 'passwordHash'> & Partial<User>): User {
      const email = input.email.trim().toLowerCase()
      const user: User = {
        email_verified: false,
        name: email,
        nickname: email.split('@')[0] ?? email,
        blocked: false,
        app_metadata: {},
        user_metadata: {},
        logins_count: 0,
        created_at: clock.iso(),
        updated_at: clock.iso(),
        ...withoutUndefined(input),
        email,
        user_id: input.user_id ?? `auth0|${randomBytes(12).toString('hex')}`,
      }
      users.set(user.user_id, user)
      return user
    },

    update(user: User, changes: Partial<User>): User {
      return Object.assign(user, withoutUndefined(changes), { updated_at: clock.iso() })
    },

    remove: (id: string): boolean => users.delete(id),
  }
  return store
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}
