import 'server-only'
import { asc, eq, or, sql } from 'drizzle-orm'
import { database, inTransaction } from '../db/database'
import { organizations } from './schema'

/** An organization as this product knows it, whichever provider its members use. */
export type Organization = typeof organizations.$inferSelect

/** An organization as a provider describes it. At least one of the two ids is set. */
export type DescribedOrganization = {
  slug: string
  name: string
  stytchId: string | null
  legacyId: string | null
}

/**
 * Two organizations claim one slug, or one organization is linked to two others. Nobody can know which one is meant, so
 * neither is changed.
 */
export class OrganizationConflict extends Error {
  readonly code = 'organization_conflict'
  constructor(slug: string) {
    super(
      `The organization "${slug}" is not linked: its slug or one of its ids belongs to another organization. Correct organization_external_id at Stytch.`,
    )
    this.name = 'OrganizationConflict'
  }
}

/** The organization with this slug, or null. @throws {DatabaseUnavailable} and driver errors */
export const organizationBySlug = (slug: string): Promise<Organization | null> =>
  first(eq(organizations.slug, slug))

/** The organization with this id of Stytch's, or null. */
export const organizationByStytchId = (id: string): Promise<Organization | null> =>
  first(eq(organizations.stytchId, id))

/** The organization with this id of the legacy provider, or null. */
export const organizationByLegacyId = (id: string): Promise<Organization | null> =>
  first(eq(organizations.legacyId, id))

/** The organizations that somebody has opened here or moved, by name. @throws {DatabaseUnavailable} and driver errors */
export const knownOrganizations = async (limit = 1_000): Promise<Organization[]> =>
  (await database()).select().from(organizations).orderBy(asc(organizations.name)).limit(limit)

async function first(where: ReturnType<typeof eq>): Promise<Organization | null> {
  const [row] = await (await database()).select().from(organizations).where(where)
  return row ?? null
}

/**
 * Stores an organization as a provider describes it, or links the other provider's id to it.
 * @throws {OrganizationConflict | DatabaseUnavailable} and driver errors
 */
export async function rememberOrganization(given: DescribedOrganization): Promise<Organization> {
  const { slug, name, stytchId, legacyId } = given
  return inTransaction(async (tx) => {
    // Two requests may see a new organization at once.
    await tx.execute(sql`select pg_advisory_xact_lock(2, hashtext('organizations'))`)
    const found = await tx
      .select()
      .from(organizations)
      .where(
        or(
          eq(organizations.slug, slug),
          stytchId === null ? undefined : eq(organizations.stytchId, stytchId),
          legacyId === null ? undefined : eq(organizations.legacyId, legacyId),
        ),
      )
    const [known, another] = found
    const isOther = (mine: string | null, theirs: string | null) =>
      mine !== null && theirs !== null && mine !== theirs
    if (
      another ||
      (known &&
        (isOther(known.stytchId, stytchId) ||
          isOther(known.legacyId, legacyId) ||
          // A slug alone links nothing.
          !(known.stytchId === stytchId || known.legacyId === legacyId)))
    ) {
      throw new OrganizationConflict(slug)
    }
    const values = {
      slug,
      name,
      stytchId: stytchId ?? known?.stytchId ?? null,
      legacyId: legacyId ?? known?.legacyId ?? null,
    }
    const [written] = known
      ? await tx.update(organizations).set(values).where(eq(organizations.id, known.id)).returning()
      : await tx
          .insert(organizations)
          .values({ id: `team_${crypto.randomUUID()}`, ...values })
          .returning()
    if (!written) throw new Error('the organization was not written')
    return written
  })
}
