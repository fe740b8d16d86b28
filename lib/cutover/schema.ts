import { sql } from 'drizzle-orm'
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { accounts, moment } from '../db/schema'

/** Versions of the policy. The table is append-only, and its last row is in force. */
export const policies = pgTable('policies', {
  version: integer('version').primaryKey(),
  document: jsonb('document').notNull(),
  author: text('author').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
})

/** A claim is the right to migrate one legacy session. Its row also stores the result. */
export const claims = pgTable(
  'claims',
  {
    /** Hash of the `sid` of the legacy session, or of the access token of a client without one. */
    sessionKey: text('session_key').primaryKey(),
    /** Hash of the access token at the time of the claim, so that a page and an API call find the same claim. */
    tokenKey: text('token_key').notNull(),
    state: text('state', {
      enum: ['claimed', 'waiting', 'failed', 'migrated', 'refused', 'ended'],
    }).notNull(),
    /** Fencing token of the holder. It prevents writes by a holder whose lease has expired. */
    holder: text('holder').notNull(),
    leaseEndsAt: moment('lease_ends_at').notNull(),
    attempts: integer('attempts').notNull().default(1),
    /** Time of the next attempt. */
    retryAt: moment('retry_at'),
    reason: text('reason'),
    /** Kept for a client that lost the response. Sealed, so that the database alone opens no session. */
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

/** The migrations that all instances together wanted to start in each second. */
export const migrationRate = pgTable('migration_rate', {
  /** The start of the second, by the clock of the database. */
  at: moment('at').primaryKey(),
  asked: integer('asked').notNull(),
  /** The limit of this second. All above it were held back. */
  allowed: integer('allowed').notNull(),
})

/**
 * Pending passwords and set-password mails for the legacy provider. They are not part of the jobs, because the queue
 * keeps and copies its jobs. A newer password must replace an older one.
 */
export const mirrorPasswords = pgTable('mirror_passwords', {
  accountId: text('account_id')
    .primaryKey()
    .references(() => accounts.id, { onDelete: 'cascade' }),
  /** The sealed password. Null if the server never saw one, or if it has expired. The user then gets a mail. */
  sealed: text('sealed'),
  /** Null when there was no password. */
  expiresAt: moment('expires_at'),
  /** True when only a record that the mirror creates gets the password. An older record keeps its own. */
  forNewRecord: boolean('for_new_record').notNull(),
  /** New with every write, so that a job does not delete a newer password than it has written. */
  version: text('version').notNull(),
})

/** Events of the migration. They contain no token. */
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
  (table) => [
    index('events_at').on(table.at),
    index('events_kind').on(table.kind, table.id),
    // The control room counts these users every few seconds.
    index('events_mfa_required')
      .on(table.issuer, table.subject)
      .where(sql`reason = 'mfa_required'`)
      .concurrently(),
    // Each forward write looks whether its reason was recorded for this user before.
    index('events_forward').on(table.subject, table.id).where(sql`kind = 'forward'`).concurrently(),
  ],
)

/** The sessions that made requests, and their lane. Nothing here opens a session or names its user. */
export const sightings = pgTable(
  'sightings',
  {
    /** Hash of the id of the session. */
    sessionKey: text('session_key').primaryKey(),
    lane: text('lane', { enum: ['stytch', 'legacy'] }).notNull(),
    firstSeen: moment('first_seen').notNull(),
    /** Updated once a minute. */
    lastSeen: moment('last_seen').notNull(),
    /** The value of `lastSeen` before the last update. It shows whether the session is new in this hour. */
    previouslySeen: moment('previously_seen'),
  },
  (table) => [index('sightings_lane').on(table.lane, table.lastSeen)],
)

/** The number of distinct sessions of each lane, by minute and by hour. */
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

/** The last turn of each poll: 1 for blocked and deleted users, 2 for forward writes. All instances share them. */
export const legacyPoll = pgTable('legacy_poll', {
  id: integer('id').primaryKey(),
  ranAt: moment('ran_at').notNull(),
  /** The start of the last turn that succeeded. The next turn looks for changes since then. */
  checkedAt: moment('checked_at').notNull(),
  /** The last legacy subject that was looked up. The next turn begins after it. */
  cursor: text('cursor').notNull(),
})

/** The number of waiting and of dead mirror jobs, once a minute. */
export const mirrorSamples = pgTable('mirror_samples', {
  /** The start of the minute. */
  at: moment('at').primaryKey(),
  waiting: integer('waiting').notNull(),
  dead: integer('dead').notNull(),
})
