import {
  bigint,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

/** The tables of the product. Those of the migration are in lib/cutover/schema.ts, and are deleted after it. */

/** A column for a time, which Postgres stores in UTC. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })

/** The users of the product. The app makes their ids itself, so an id stays the same after a change of provider. */
export const accounts = pgTable('accounts', {
  id: text('id').primaryKey(),
  email: text('email').notNull(),
  /**
   * Nothing reads it: a proof belongs to an identity. Older versions of the app that run during a deployment need the
   * column.
   */
  emailVerified: boolean('email_verified').notNull().default(false),
  name: text('name').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
})

/** The users as the providers know them. Issuer and subject find the account, and never the email address. */
export const identities = pgTable(
  'identities',
  {
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    email: text('email').notNull(),
    /** Whether this identity proved this address: docs/identity-proof.md. */
    emailVerified: boolean('email_verified').notNull(),
    /**
     * When it proved the address, and by which session or rule. Both are null for a proof of an older version of the
     * app, and no session is refused then.
     */
    provedAt: moment('proved_at'),
    provedBy: text('proved_by'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.issuer, table.subject] }),
    index('identities_account').on(table.accountId),
    index('identities_email').on(table.email),
  ],
)

/** The product's own data. It refers to the account, so the migration does not change it. */
export const notes = pgTable(
  'notes',
  {
    id: text('id').primaryKey(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    text: text('text').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [index('notes_account').on(table.accountId, table.createdAt)],
)

/**
 * Sessions and users that were ended before their tokens expire. A copy of a token stays valid at least until its JWT
 * expires, so every request checks this list.
 */
export const revocations = pgTable(
  'revocations',
  {
    /** Hash of the id of a session, or the issuer and the subject of a user. */
    key: text('key').primaryKey(),
    /** A user's sessions that started before this time are refused. */
    endedAt: moment('ended_at').notNull(),
    reason: text('reason', {
      enum: [
        'signed_out',
        'replaced',
        'blocked',
        'blocked_by_mirror',
        'deleted',
        'lifted',
        'membership_ended',
      ],
    }).notNull(),
    /** No session can use the row after this time. Null while a user stays blocked or deleted. */
    expiresAt: moment('expires_at'),
  },
  (table) => [index('revocations_expire').on(table.expiresAt)],
)

/** The counts of the rate limits. `rate-limiter-flexible` writes them, and inserts by the order of the columns. */
export const rateLimits = pgTable(
  'rate_limits',
  {
    /** The name of the limit, and a keyed hash of the address, network, subject or account. */
    key: text('key').primaryKey(),
    points: integer('points').notNull().default(0),
    /** The end of the window, in milliseconds since 1970. */
    expire: bigint('expire', { mode: 'number' }),
  },
  (table) => [index('rate_limits_expire').on(table.expire)],
)
