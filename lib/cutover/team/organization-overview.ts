import 'server-only'
import QuickLRU from 'quick-lru'
import { errorText } from '../../error-text'
import { countMembers, listOrganizations } from '../../legacy/auth0/organizations'
import { legacyConfig } from '../../legacy/config'
import { perProcess } from '../../per-process'
import { withDeadline } from '../../provider-failure'
import { membershipFigures } from '../../team/membership'
import { knownOrganizations } from '../../team/organization'
import { listStytchOrganizations } from '../../team/stytch/organizations'
import { bucketOf, rolloutSalt } from '../cohort/bucket'
import { type Cohort, decideCohort } from '../cohort/rules'
import type { PolicyInForce } from '../policy/document'
import { expandOrganizations } from '../policy/expand-organizations'
import { withOrganizationAliases } from '../policy/organization-aliases'
import { listOfOrganizations } from './organization-list'
import type { MovableOrganization } from './organization-move'

/** How long the page waits for a provider. In milliseconds. */
const deadlineMilliseconds = 2_000
/** Organizations on one page. Each costs a call to the Management API, which has a rate limit. */
export const organizationsPerPage = 20

/** One organization in the control room. */
export type OrganizationOverview = MovableOrganization & {
  /** The flow that its members get now. */
  cohort: Cohort
  /** How many people have opened it here. */
  opened: number
}

export type OrganizationsOverview = {
  organizations: OrganizationOverview[]
  total: number
  /** False while this provider does not answer. Null if the app does not ask it. */
  answers: { stytch: boolean; legacy: boolean | null }
  /** Whether a provider has more organizations than this list. */
  hasMore: boolean
}

type Members = { count: number; hasMore: boolean }

const { value: memberCounts } = perProcess(
  'organization-member-counts',
  () => new QuickLRU<string, Members>({ maxSize: 2_000, maxAge: 30_000 }),
)

/**
 * Reads one page of the organizations that this app or a provider knows. A provider that does not answer in time leaves
 * its part out.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function readOrganizations(
  policy: PolicyInForce,
  page = 1,
): Promise<OrganizationsOverview> {
  const read = await readList()
  const { list, answers, hasMore } = read
  const first = (page - 1) * organizationsPerPage
  const shown = list.slice(first, first + organizationsPerPage)
  return {
    organizations: await overviewsOf(shown, read, policy),
    total: list.length,
    answers,
    hasMore,
  }
}

/** Reads one organization by its slug, or null. Of two with one slug, it is the linked one or the first one. */
export async function readOrganization(
  policy: PolicyInForce,
  slug: string,
): Promise<OrganizationOverview | null> {
  const read = await readList()
  const found = read.list.filter((each) => each.slug === slug)
  const wanted = found.find(({ stytchId }) => stytchId !== null) ?? found[0]
  if (!wanted) return null
  const [described] = await overviewsOf([wanted], read, policy)
  return described ?? null
}

async function readList() {
  const asksLegacy = legacyConfig().management !== null
  const [own, figures, stytch, legacy] = await Promise.all([
    knownOrganizations(),
    membershipFigures(),
    inTime('stytch', listStytchOrganizations),
    asksLegacy ? inTime('legacy', listOrganizations) : null,
  ])
  return {
    list: listOfOrganizations({
      own,
      stytch: stytch?.organizations ?? [],
      legacy: legacy?.organizations ?? [],
    }),
    figures,
    answers: { stytch: stytch !== null, legacy: asksLegacy ? legacy !== null : null },
    hasMore: Boolean(stytch?.hasMore || legacy?.hasMore),
  }
}

type List = ReturnType<typeof listOfOrganizations>

async function overviewsOf(
  shown: List,
  { list, figures, answers }: Awaited<ReturnType<typeof readList>>,
  policy: PolicyInForce,
): Promise<OrganizationOverview[]> {
  const inForce = withNamesOf(list, await withOrganizationAliases(policy))
  return Promise.all(
    shown.map(async (each) => {
      const { slug, legacyId } = each
      const bucket = await bucketOf(rolloutSalt, slug)
      const { opened, carriedOver } = figures.get(each.id ?? '') ?? { opened: 0, carriedOver: 0 }
      return {
        ...each,
        bucket,
        opened,
        carriedOver,
        stytchAnswers: answers.stytch,
        // The flow of a visitor of the team's pages. A pin or an old app is the matter of one device.
        cohort: decideCohort(inForce, { ...anyVisitor, organization: slug, bucket }),
        legacyMembers: legacyId === null ? { count: 0, hasMore: false } : await membersOf(legacyId),
      }
    }),
  )
}

const anyVisitor = {
  pin: null,
  organizationId: null,
  isNewSignUp: false,
  appVersion: null,
  ip: null,
  country: null,
}

function withNamesOf(all: List, policy: PolicyInForce): PolicyInForce {
  const { cohort } = policy
  if (typeof cohort === 'string') return policy
  const organizations = expandOrganizations(cohort.organizations, all)
  return { ...policy, cohort: { ...cohort, organizations } }
}

/** Null while the legacy provider does not say it. */
async function membersOf(legacyId: string): Promise<Members | null> {
  if (!legacyConfig().management) return null
  const known = memberCounts.get(legacyId)
  if (known) return known
  const found = await inTime('legacy', () => countMembers(legacyId))
  if (found) memberCounts.set(legacyId, found)
  return found
}

async function inTime<T>(provider: 'stytch' | 'legacy', ask: () => Promise<T>): Promise<T | null> {
  try {
    return await withDeadline(provider, deadlineMilliseconds, ask())
  } catch (error) {
    console.error(`control: the organizations could not be read: ${errorText(error)}`)
    return null
  }
}
