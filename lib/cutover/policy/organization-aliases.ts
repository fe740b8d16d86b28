import 'server-only'
import { inArray, or } from 'drizzle-orm'
import QuickLRU from 'quick-lru'
import { database } from '../../db/database'
import { errorText } from '../../error-text'
import { organizationOf } from '../../legacy/auth0/organizations'
import { isOrganizationName } from '../../legacy/auth0/team/organization'
import { legacyConfig } from '../../legacy/config'
import { perProcess } from '../../per-process'
import { hasTeams } from '../../team/config'
import { organizations } from '../../team/schema'
import { fetchStytchOrganization, type StytchOrganization } from '../../team/stytch/organizations'
import { afterResponse } from '../events/after-response'
import type { Policy } from './document'
import { type Aliases, expandOrganizations, namesOf } from './expand-organizations'

/*
 * An operator may name an organization by its slug, its id at Stytch, or its id or name at the legacy provider. A visitor
 * of /team/acme is known by the slug only, and a session by an id. So the policy is delivered with all of these names.
 */

/** The names of the same list are read again after this time. A new list is read at once. In milliseconds. */
const freshMilliseconds = 1_000
/** The policy must not wait longer for the names. The edge waits two seconds for both. In milliseconds. */
const deadlineMilliseconds = 500
/** Entries that one delivery asks the providers about. Their APIs have rate limits. */
const maximumLookups = 5

const { value: cache } = perProcess('organization-aliases', () => ({
  aliases: new QuickLRU<string, Aliases[]>({ maxSize: 20 }),
  readAt: new QuickLRU<string, number>({ maxSize: 20 }),
  /** What the providers say about entries that are in no row. */
  lookedUp: new QuickLRU<string, Aliases[]>({ maxSize: 2_000, maxAge: 10 * 60_000 }),
}))

/**
 * The policy with every name of its organizations. While the table cannot be read, it has the last known names, or the
 * list as written. Never throws.
 */
export async function withOrganizationAliases<T extends Policy>(
  policy: T,
  now: number = Date.now(),
): Promise<T> {
  if (typeof policy.cohort === 'string' || policy.cohort.organizations.length === 0) return policy
  if (!hasTeams()) return policy
  const listed = policy.cohort.organizations
  const known = expandOrganizations(listed, await aliasesOf(listed, now))
  return { ...policy, cohort: { ...policy.cohort, organizations: known } }
}

async function aliasesOf(listed: string[], now: number): Promise<Aliases[]> {
  const key = listed.join('\n')
  const age = now - (cache.readAt.get(key) ?? Number.NEGATIVE_INFINITY)
  if (age >= 0 && age < freshMilliseconds) return cache.aliases.get(key) ?? []
  try {
    const aliases = await withinDeadline(readAliases(listed))
    cache.aliases.set(key, aliases)
    cache.readAt.set(key, now)
  } catch (error) {
    console.error(`policy: the names of organizations could not be read: ${errorText(error)}`)
  }
  return cache.aliases.get(key) ?? []
}

/** @throws {DatabaseUnavailable} and driver errors */
async function readAliases(listed: string[]): Promise<Aliases[]> {
  const lookedUp = listed.flatMap((entry) => cache.lookedUp.get(entry) ?? [])
  const wanted = [...listed, ...lookedUp.flatMap(namesOf)]
  const { slug, stytchId, legacyId } = organizations
  const rows = await (await database())
    .select({ slug, stytchId, legacyId })
    .from(organizations)
    .where(or(inArray(slug, wanted), inArray(stytchId, wanted), inArray(legacyId, wanted)))
  const found = new Set(rows.flatMap(namesOf))
  lookUpLater(listed.filter((entry) => !found.has(entry)))
  return [...rows, ...lookedUp]
}

/**
 * Asks the providers about entries that are in no row: of an organization that nobody has opened here yet, or a name at
 * the legacy provider that is not the slug. No delivery waits for the answer.
 */
function lookUpLater(entries: string[]): void {
  const unknown = entries.filter((entry) => !cache.lookedUp.has(entry))
  for (const entry of unknown.slice(0, maximumLookups)) {
    // An entry that is being looked up, or whose lookup failed, is not asked again for some time.
    cache.lookedUp.set(entry, [], { maxAge: 60_000 })
    afterResponse(async () => {
      try {
        cache.lookedUp.set(entry, await lookUp(entry))
      } catch (error) {
        console.error(`policy: an organization could not be looked up: ${errorText(error)}`)
      }
    })
  }
}

/** @throws {StytchRefusal | LegacyRefusal | ProviderFailure} */
async function lookUp(entry: string): Promise<Aliases[]> {
  const atStytch = await fetchStytchOrganization(entry)
  const found = atStytch ? [aliasesAtStytch(atStytch)] : []
  // Anybody may found an organization whose slug is the id or the name of another one. Only our backend writes these.
  if (atStytch?.id === entry || atStytch?.externalId === entry) return found
  if (!legacyConfig().management || !isOrganizationName(entry)) return found
  const atLegacy = await organizationOf(entry)
  if (!atLegacy) return found
  const { id: legacyId, name } = atLegacy
  // Only the external id links both. A slug may be anybody's.
  const linked = await fetchStytchOrganization(legacyId)
  const own = { slug: name, stytchId: null, legacyId }
  return [...found, own, ...(linked?.externalId === legacyId ? [aliasesAtStytch(linked)] : [])]
}

const aliasesAtStytch = ({ slug, id, externalId }: StytchOrganization): Aliases => ({
  slug,
  stytchId: id,
  legacyId: externalId,
})

async function withinDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<never>((_, reject) => {
    const error = new Error(`no answer within ${deadlineMilliseconds} ms`)
    timer = setTimeout(() => reject(error), deadlineMilliseconds)
  })
  // A query that fails after its deadline would be an unhandled rejection otherwise.
  work.catch(() => undefined)
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
