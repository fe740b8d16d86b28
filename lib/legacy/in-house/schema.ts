import { boolean, index, pgTable, text } from 'drizzle-orm/pg-core'
import { moment } from '../../db/schema'

/** The tables of the in-house login. A product with such a login has its own, and maps them here. */

export const legacyUsers = pgTable(
  'legacy_users',
  {
    /** The subject of the user's sessions. */
    id: text('id').primaryKey(),
    /** In lower case. */
    email: text('email').notNull().unique(),
    emailVerified: boolean('email_verified').notNull().default(false),
    name: text('name').notNull().default(''),
    /** See password-hash.ts. Null for a user without a password. */
    passwordHash: text('password_hash'),
    /** `by_mirror` if the mirror blocked the user, since the user was deleted at Stytch. */
    blocked: text('blocked', { enum: ['no', 'yes', 'by_mirror'] })
      .notNull()
      .default('no'),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [index('legacy_users_blocked').on(table.blocked, table.updatedAt)],
)

/** The sessions. Their table is the authority: a cookie whose session has ended opens no page. */
export const legacySessions = pgTable(
  'legacy_sessions',
  {
    /** Hash of the id in the cookie, so that the table opens no session. */
    key: text('key').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => legacyUsers.id, { onDelete: 'cascade' }),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    /** Null while the session goes on. */
    endedAt: moment('ended_at'),
  },
  (table) => [
    index('legacy_sessions_user').on(table.userId),
    index('legacy_sessions_expires').on(table.expiresAt),
  ],
)

/** The tokens that Stytch exchanges for a session. Each works once, within a minute. */
export const legacyExchangeTokens = pgTable(
  'legacy_exchange_tokens',
  {
    /** Hash of the token. */
    key: text('key').primaryKey(),
    sessionKey: text('session_key')
      .notNull()
      .references(() => legacySessions.key, { onDelete: 'cascade' }),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [
    index('legacy_exchange_tokens_session').on(table.sessionKey),
    index('legacy_exchange_tokens_expires').on(table.expiresAt),
  ],
)
