import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })

/** A person, under an id that no provider knows: it is what survives the migration. */
export const accounts = pgTable('accounts', {
  id: text('id').primaryKey(),
  email: text('email').notNull(),
  emailVerified: boolean('email_verified').notNull(),
  name: text('name').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
})

/** Who a provider says someone is. Issuer and subject, never the e-mail address, find the account. */
export const identities = pgTable(
  'identities',
  {
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    email: text('email').notNull(),
    emailVerified: boolean('email_verified').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.issuer, table.subject] }),
    index('identities_account').on(table.accountId),
    index('identities_email').on(table.email),
  ],
)

/** The product's own data, which hangs on the account and so does not notice the migration. */
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

/** Append-only: the last row is in force, the others are its history. */
export const policies = pgTable('policies', {
  version: integer('version').primaryKey(),
  document: jsonb('document').notNull(),
  author: text('author').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
})

/** The right to migrate one legacy session, and what became of it. */
export const claims = pgTable(
  'claims',
  {
    /** Hash of what identifies the legacy session: its `sid`, or the access token of a client without one. */
    sessionKey: text('session_key').primaryKey(),
    /** Hash of the access token at the time of the claim, so that a page and an API call of one session meet. */
    tokenKey: text('token_key').notNull(),
    state: text('state', { enum: ['claimed', 'failed', 'migrated', 'refused', 'ended'] }).notNull(),
    /** Who holds the claim; a late holder whose lease ran out must not write. */
    holder: text('holder').notNull(),
    leaseEndsAt: moment('lease_ends_at').notNull(),
    attempts: integer('attempts').notNull().default(1),
    /** No new attempt before this. */
    retryAt: moment('retry_at'),
    reason: text('reason'),
    /** Sealed, so that a lost answer can be given again and the database alone opens no session. */
    sealedSessionToken: text('sealed_session_token'),
    sessionExpiresAt: moment('session_expires_at'),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('claims_token_key').on(table.tokenKey),
    index('claims_state').on(table.state),
    index('claims_updated').on(table.updatedAt).concurrently(),
  ],
)

/**
 * What the mirror owes the legacy login: the password to write there, or a mail with which the person sets
 * one. Not in the job: a queue keeps and copies what it was given, and a newer password must replace an older.
 */
export const mirrorPasswords = pgTable('mirror_passwords', {
  accountId: text('account_id')
    .primaryKey()
    .references(() => accounts.id, { onDelete: 'cascade' }),
  /** Sealed; null where nobody saw it, or once it has waited for too long: then the mail is owed. */
  sealed: text('sealed'),
  /** Set only where there was a password. */
  expiresAt: moment('expires_at'),
  /** True where it is for a record that the mirror makes: who has one of before keeps its password. */
  forNewRecord: boolean('for_new_record').notNull(),
  /** Another one with every write, so that whoever settles an older debt leaves a newer one alone. */
  version: text('version').notNull(),
})

/** What happened, without a token in it. */
export const events = pgTable(
  'events',
  {
    id: serial('id').primaryKey(),
    at: moment('at').notNull(),
    kind: text('kind').notNull(),
    accountId: text('account_id'),
    issuer: text('issuer'),
    subject: text('subject'),
    lane: text('lane').notNull(),
    result: text('result').notNull(),
    reason: text('reason').notNull(),
    milliseconds: integer('milliseconds').notNull(),
    policyVersion: integer('policy_version').notNull().default(0),
  },
  (table) => [index('events_at').on(table.at), index('events_kind').on(table.kind, table.id)],
)

/** Which sessions were seen, and on which lane. Nothing here opens a session or says whose it is. */
export const sightings = pgTable(
  'sightings',
  {
    /** Hash of what identifies the session. */
    sessionKey: text('session_key').primaryKey(),
    lane: text('lane', { enum: ['stytch', 'legacy'] }).notNull(),
    firstSeen: moment('first_seen').notNull(),
    /** Moves once a minute. */
    lastSeen: moment('last_seen').notNull(),
    /** Before that: tells whoever moves it whether the session is new in this hour too. */
    previouslySeen: moment('previously_seen'),
  },
  (table) => [index('sightings_lane').on(table.lane, table.lastSeen)],
)

/** How many distinct sessions each lane had, in each minute and in each hour. */
export const laneCounts = pgTable(
  'lane_counts',
  {
    resolution: text('resolution', { enum: ['minute', 'hour'] }).notNull(),
    at: moment('at').notNull(),
    lane: text('lane', { enum: ['stytch', 'legacy'] }).notNull(),
    sessions: integer('sessions').notNull(),
  },
  (table) => [primaryKey({ columns: [table.resolution, table.at, table.lane] })],
)

/** How many jobs of the mirror waited, and how many were given up, once a minute. */
export const mirrorSamples = pgTable('mirror_samples', {
  /** The beginning of the minute. */
  at: moment('at').primaryKey(),
  waiting: integer('waiting').notNull(),
  dead: integer('dead').notNull(),
})
