import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { accounts, moment } from '../db/schema'

/** The tables of the teams. They refer to the product's own ids, so no provider has to know them. */

/** Organizations, under an id that no provider knows. */
export const organizations = pgTable('organizations', {
  id: text('id').primaryKey(),
  /** The last part of the address of the team's pages: `/team/acme`. */
  slug: text('slug').notNull().unique(),
  name: text('name').notNull(),
  /** Stytch's id. Null while the organization exists only at the legacy provider. */
  stytchId: text('stytch_id').unique(),
  /**
   * The id at the legacy provider, which is Stytch's `organization_external_id`. Only a backend with the project's
   * secret can write that field, so it links both. A slug does not: anybody can create an organization with one.
   */
  legacyId: text('legacy_id').unique(),
  createdAt: moment('created_at').notNull().defaultNow(),
})

/** The people who have opened a team here. */
export const memberships = pgTable(
  'memberships',
  {
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    /** The provider of the session that opened the team last. */
    lane: text('lane', { enum: ['stytch', 'legacy'] }).notNull(),
    /** The roles at that provider. */
    roles: text('roles').array().notNull(),
    joinedAt: moment('joined_at').notNull().defaultNow(),
    /** When the legacy session of this person was carried over to Stytch. Null for all others. */
    carriedOverAt: moment('carried_over_at'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.accountId] }),
    index('memberships_account').on(table.accountId),
  ],
)

/** The team's own data. It belongs to the organization, and its author may leave. */
export const teamNotes = pgTable(
  'team_notes',
  {
    id: text('id').primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    accountId: text('account_id').references(() => accounts.id, { onDelete: 'set null' }),
    text: text('text').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [index('team_notes_organization').on(table.organizationId, table.createdAt)],
)
