import { bigint, boolean, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { moment } from '../../db/schema'

/**
 * The backfill writes no address and no hash into the database. A row has the place of its lines in the files, and the
 * import reads them there again.
 */

/** One plan of one pair of files. The id is made from their digests, so the same files are the same run. */
export const backfillRuns = pgTable('backfill_runs', {
  id: text('id').primaryKey(),
  /** Organizations and their members have no files: the import reads them by the Management API. */
  kind: text('kind', { enum: ['users', 'organizations'] })
    .notNull()
    .default('users'),
  /** The path of the unpacked file. Empty for organizations. */
  usersFile: text('users_file').notNull(),
  usersDigest: text('users_digest').notNull(),
  hashesFile: text('hashes_file'),
  hashesDigest: text('hashes_digest'),
  /** Calls to Stytch a second: the rate of the plan, and then of the last import. */
  rate: integer('rate').notNull(),
  state: text('state', { enum: ['planned', 'running', 'done', 'undone'] }).notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  /** When its first import began. */
  startedAt: moment('started_at'),
  /** While it is set, no process claims a row. */
  pausedAt: moment('paused_at'),
  finishedAt: moment('finished_at'),
})

/** One user of a run, or one line that gives no user. */
export const backfillRows = pgTable(
  'backfill_rows',
  {
    runId: text('run_id')
      .notNull()
      .references(() => backfillRuns.id, { onDelete: 'cascade' }),
    /**
     * The legacy subject. For a line without one, `users:` or `hashes:` and its offset. For an organization its legacy
     * id, and for a member that id, a space and the subject.
     */
    subject: text('subject').notNull(),
    /** A code of plan/outcome.ts, or `organization` or `member`. */
    outcome: text('outcome').notNull(),
    state: text('state', {
      enum: ['planned', 'claimed', 'done', 'skipped', 'failed', 'undone'],
    }).notNull(),
    /** The place of the line in the unpacked file, in bytes. The length is 0 for a hash without a user. */
    userOffset: bigint('user_offset', { mode: 'number' }).notNull(),
    userLength: integer('user_length').notNull(),
    hashOffset: bigint('hash_offset', { mode: 'number' }),
    hashLength: integer('hash_length'),
    /** For organizations and members their id at Stytch. */
    stytchUserId: text('stytch_user_id'),
    /** Whether this run created the Stytch user. Only such a user may be deleted by `undo`. */
    madeUser: boolean('made_user').notNull().default(false),
    attempts: integer('attempts').notNull().default(0),
    reason: text('reason'),
    leaseEndsAt: moment('lease_ends_at'),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.subject] }),
    // The import claims the planned rows, and those whose lease has ended.
    index('backfill_rows_state').on(table.runId, table.state, table.leaseEndsAt),
    index('backfill_rows_updated').on(table.updatedAt),
  ],
)
