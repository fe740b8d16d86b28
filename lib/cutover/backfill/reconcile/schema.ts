import { boolean, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { moment } from '../../../db/schema'
import { backfillRuns } from '../schema'
import type { DifferenceCounts, FixableCode } from './differences'

/**
 * Both sides of a reconciliation while it runs. Postgres compares them, so that the memory of the process stays flat.
 * Addresses are hashes with a key that only this process knows.
 */
export const backfillSides = pgTable(
  'backfill_sides',
  {
    reconcileId: text('reconcile_id').notNull(),
    side: text('side', { enum: ['source', 'stytch'] }).notNull(),
    /** The legacy subject of a source user, and the external id of a Stytch user. */
    subject: text('subject'),
    stytchUserId: text('stytch_user_id'),
    addressKey: text('address_key'),
    isVerified: boolean('is_verified').notNull(),
    isBlocked: boolean('is_blocked').notNull(),
    /** Of a Stytch user. */
    hasPassword: boolean('has_password').notNull().default(false),
    /** Of a source user: whether a plan would import them. */
    isImportable: boolean('is_importable').notNull().default(false),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('backfill_sides_subject').on(table.reconcileId, table.side, table.subject),
    index('backfill_sides_user').on(table.reconcileId, table.stytchUserId),
    index('backfill_sides_address').on(table.reconcileId, table.addressKey),
    index('backfill_sides_created').on(table.createdAt),
  ],
)

/** The result of each reconciliation. It has codes and numbers, and names no user. */
export const backfillReconciliations = pgTable(
  'backfill_reconciliations',
  {
    id: text('id').primaryKey(),
    runId: text('run_id')
      .notNull()
      .references(() => backfillRuns.id, { onDelete: 'cascade' }),
    at: moment('at').notNull(),
    /** The users of the file, and of Stytch, that were compared. */
    sourceUsers: integer('source_users').notNull(),
    stytchUsers: integer('stytch_users').notNull(),
    /** The lines of the file that were not compared. */
    notCompared: integer('not_compared').notNull(),
    /** The users of the file without a Stytch user, whom the plan left out. */
    leftOut: integer('left_out').notNull(),
    /** The differences by code, before any was mended. */
    counts: jsonb('counts').$type<DifferenceCounts>().notNull(),
    /** The code of `--fix`. */
    fix: text('fix').$type<FixableCode>(),
    mended: integer('mended').notNull(),
  },
  (table) => [index('backfill_reconciliations_at').on(table.at)],
)
