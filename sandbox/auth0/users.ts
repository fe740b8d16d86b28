import { randomBytes } from 'node:crypto'
import bcrypt from 'bcryptjs'
import { type DemoUser, demoPassword, demoUsers } from '../settings.ts'

/** A user of the tenant's only database connection. */
export type User = {
  user_id: string
  email: string
  email_verified: boolean
  name: string
  nickname: string
  given_name?: string
  family_name?: string
  picture?: string
  blocked: boolean
  organization: DemoUser['organization']
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

/** Auth0 hashes with bcrypt, ten rounds; the hash can be carried to Stytch as it is. */
export const hashPassword = (password: string) => bcrypt.hash(password, 10)

/** One hash for all demo users: their password is the same, and hashing is slow. */
let demoPasswordHash: Promise<string> | undefined

/** The users in memory. Addresses are kept in lower case, as Auth0 keeps them. */
export function createUserStore(now: () => string) {
  const users = new Map<string, User>()

  const store = {
    async seed() {
      demoPasswordHash ??= hashPassword(demoPassword)
      const passwordHash = await demoPasswordHash
      users.clear()
      for (const { subject, email, name, emailVerified, organization } of demoUsers) {
        store.add({
          user_id: subject,
          email,
          name,
          email_verified: emailVerified,
          organization,
          passwordHash,
        })
      }
    },

    byId: (id: string): User | undefined => users.get(id),

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
        organization: null,
        app_metadata: {},
        user_metadata: {},
        logins_count: 0,
        created_at: now(),
        updated_at: now(),
        ...withoutUndefined(input),
        email,
        user_id: input.user_id ?? `auth0|${randomBytes(12).toString('hex')}`,
      }
      users.set(user.user_id, user)
      return user
    },

    update(user: User, changes: Partial<User>): User {
      return Object.assign(user, withoutUndefined(changes), { updated_at: now() })
    },

    remove: (id: string): boolean => users.delete(id),
  }
  return store
}

export const passwordMatches = (user: User, password: string) =>
  bcrypt.compare(password, user.passwordHash)

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}
