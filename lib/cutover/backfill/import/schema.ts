import { integer, pgTable } from 'drizzle-orm/pg-core'
import { moment } from '../../../db/schema'

/** When the next call to Stytch may start. One row, so that all processes share one rate. */
export const backfillPace = pgTable('backfill_pace', {
  id: integer('id').primaryKey(),
  nextAt: moment('next_at').notNull(),
  /** The answers 429 in a row. Each one doubles the pause. */
  strikes: integer('strikes').notNull().default(0),
  /** The end of the last pause. An answer 429 to a call from before it belongs to the same storm. */
  resumesAt: moment('resumes_at').notNull(),
})
