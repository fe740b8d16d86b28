import 'server-only'
import { and, asc, count, eq, sql } from 'drizzle-orm'
import { database } from '../db/database'
import { accounts } from '../db/schema'
import { memberships, organizations } from './schema'
import { memberIssuerName } from './stytch/issuer'

/** A person who has opened a team here. */
export type Membership = {
  accountId: string
  name: string
  email: string
  lane: 'stytch' | 'legacy'
  roles: string[]
  joinedAt: Date
  carriedOverAt: Date | null
}

/** Records that a session opened a team. @throws {DatabaseUnavailable} and driver errors */
export async function recordMembership(given: {
  organizationId: string
  accountId: string
  lane: 'stytch' | 'legacy'
  roles: readonly string[]
  /** Set when the session has just been carried over. */
  carriedOverAt?: Date
}): Promise<void> {
  const { organizationId, accountId, lane, carriedOverAt = null } = given
  const roles = [...given.roles]
  const db = await database()
  await db
    .insert(memberships)
    .values({ organizationId, accountId, lane, roles, carriedOverAt })
    .onConflictDoUpdate({
      target: [memberships.organizationId, memberships.accountId],
      set: {
        lane,
        roles,
        carriedOverAt: sql`coalesce(${memberships.carriedOverAt}, excluded.carried_over_at)`,
      },
    })
}

/** The roles that were recorded for a person, or null if they never opened the team. */
export async function membershipOf(
  organizationId: string,
  accountId: string,
): Promise<Pick<Membership, 'lane' | 'roles' | 'carriedOverAt'> | null> {
  const [row] = await (await database())
    .select({
      lane: memberships.lane,
      roles: memberships.roles,
      carriedOverAt: memberships.carriedOverAt,
    })
    .from(memberships)
    .where(
      and(eq(memberships.organizationId, organizationId), eq(memberships.accountId, accountId)),
    )
  return row ?? null
}

/**
 * The address by which the team knows a person. The account may have a private one by now, from another organization
 * or from the product.
 */
const addressInTeam = () => sql<string>`coalesce(
  (select mine.email from identities mine
    where mine.account_id = ${memberships.accountId}
      and mine.issuer = ${memberIssuerName('')}::text || ${organizations.stytchId}
    order by mine.email_verified desc limit 1),
  ${accounts.email})`

/** The people of a team, by name. @param limit how many at most */
export async function membersOf(organizationId: string, limit = 500): Promise<Membership[]> {
  return (await database())
    .select({
      accountId: memberships.accountId,
      name: accounts.name,
      email: addressInTeam(),
      lane: memberships.lane,
      roles: memberships.roles,
      joinedAt: memberships.joinedAt,
      carriedOverAt: memberships.carriedOverAt,
    })
    .from(memberships)
    .innerJoin(accounts, eq(accounts.id, memberships.accountId))
    .innerJoin(organizations, eq(organizations.id, memberships.organizationId))
    .where(eq(memberships.organizationId, organizationId))
    .orderBy(asc(accounts.name), asc(accounts.id))
    .limit(limit)
}

/** How many people have opened a team here. */
export type MembershipFigures = { opened: number; carriedOver: number }

/** The figures of every team that somebody has opened, by the id of the organization. */
export async function membershipFigures(): Promise<ReadonlyMap<string, MembershipFigures>> {
  const rows = await (await database())
    .select({
      organizationId: memberships.organizationId,
      opened: count(),
      carriedOver: count(memberships.carriedOverAt),
    })
    .from(memberships)
    .groupBy(memberships.organizationId)
  return new Map(rows.map(({ organizationId, ...figures }) => [organizationId, figures]))
}

/** Removes a person from a team. Their notes stay with the team. */
export async function removeMembership(organizationId: string, accountId: string): Promise<void> {
  await (await database())
    .delete(memberships)
    .where(
      and(eq(memberships.organizationId, organizationId), eq(memberships.accountId, accountId)),
    )
}

/** The teams that a person has opened here, by name. */
export async function teamsOf(accountId: string): Promise<{ slug: string; name: string }[]> {
  return (await database())
    .select({ slug: organizations.slug, name: organizations.name })
    .from(memberships)
    .innerJoin(organizations, eq(organizations.id, memberships.organizationId))
    .where(eq(memberships.accountId, accountId))
    .orderBy(asc(organizations.name))
}
