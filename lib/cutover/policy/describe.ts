import { type Policy, type PresetName, presetOf, type Rules } from './document'

const optionNames: Record<PresetName | 'rolling', string> = {
  'before-the-migration': 'Before the migration',
  'zero-downtime': 'Zero-downtime sessions',
  'all-at-once': 'All-at-once',
  rolling: 'Rolling',
}

/** Name of the migration guide's option that a policy implements. */
export const policyName = (policy: Policy): string => optionNames[presetOf(policy) ?? 'rolling']

/** `1 country`, `2 countries`. */
export const pluralize = (count: number, singular: string, plural = `${singular}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? singular : plural}`

/** `a`, `a and b`, `a, b and c`: British English has no comma before "and". */
const listFormat = new Intl.ListFormat('en-GB', { type: 'conjunction' })

/** The rules that are lists of values. */
export type RuleList = 'organizations' | 'countries' | 'ipRanges'

/** Singular and plural noun for the values of each list. */
export const ruleListNouns: Record<RuleList, readonly [string, string]> = {
  organizations: ['organization', 'organizations'],
  countries: ['country', 'countries'],
  ipRanges: ['IP range', 'IP ranges'],
}
export const ruleLists = Object.keys(ruleListNouns) as RuleList[]

/** The names of organizations, by each entry of a policy that names one. */
export type OrganizationNames = ReadonlyMap<string, string>
const noNames: OrganizationNames = new Map()

/** The values of a rule for people. An organization has its name, and beside it the entry of the policy. */
export const itemsOf = (
  list: RuleList,
  items: readonly string[],
  names: OrganizationNames = noNames,
): string[] =>
  list !== 'organizations'
    ? [...items]
    : items.map((item) => {
        const name = names.get(item)
        return name === undefined || name === item ? item : `${name} (${item})`
      })

/** A sentence names up to so many organizations. It counts more of them. */
const maximumNames = 2

function countOf(list: RuleList, items: readonly string[], names: OrganizationNames): string {
  const known = list === 'organizations' ? items.flatMap((item) => names.get(item) ?? []) : []
  return known.length === items.length && items.length <= maximumNames
    ? known.join(' and ')
    : pluralize(items.length, ...ruleListNouns[list])
}

/**
 * Subject and verb of the sentence about the cohort, such as "About 25% of visitors get". The percentage is
 * approximate, because each visitor falls into a random bucket.
 */
function cohortGets(rules: Rules, names: OrganizationNames): string {
  if (rules.percent === 100) return 'All visitors get'
  const parts = ruleLists
    .filter((list) => rules[list].length > 0)
    .map((list) => countOf(list, rules[list], names))
  if (rules.percent > 0) parts.unshift(`about ${rules.percent}% of visitors`)
  if (rules.newSignUps) parts.push('new sign-ups')
  const subject = listFormat.format(parts) || 'no visitors'
  const values = ruleLists.reduce((sum, list) => sum + rules[list].length, 0)
  const isSingular = values === 1 && rules.percent === 0 && !rules.newSignUps
  return `${capitalize(subject)} ${isSingular ? 'gets' : 'get'}`
}

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Whether new sign-ups are the only visitors of the cohort. None of them has a legacy session to migrate. */
export const isSignUpsOnly = ({ cohort }: Policy): boolean =>
  typeof cohort === 'object' &&
  cohort.newSignUps === true &&
  cohort.percent === 0 &&
  ruleLists.every((list) => cohort[list].length === 0)

/** Describes a policy in one sentence. */
export function policySentence(policy: Policy, names: OrganizationNames = noNames): string {
  const { cohort, carrySessions, allowMfaDowngrade } = policy
  if (cohort === 'nobody') {
    return 'Everybody signs in at the legacy provider.'
  }
  if (isSignUpsOnly(policy)) {
    return 'New sign-ups get the Stytch login; everybody else stays on the legacy lane.'
  }
  const legacySessions = carrySessions
    ? `live legacy sessions are migrated${allowMfaDowngrade ? ', also those of users with MFA' : ''}`
    : 'users with a legacy session sign in again'
  if (cohort === 'everybody') return `Everybody gets the Stytch login; ${legacySessions}.`
  const apps = cohort.minAppVersion
    ? `; apps older than ${cohort.minAppVersion} stay on the legacy lane`
    : ''
  return `${cohortGets(cohort, names)} the Stytch login; ${legacySessions}${apps}.`
}

const cohortName = ({ cohort }: Policy): string => (typeof cohort === 'string' ? cohort : 'rules')

const legacySessionsName = ({ cohort, carrySessions }: Policy): string =>
  cohort === 'nobody' ? 'not applicable' : carrySessions ? 'migrated' : 'not accepted'

const newSignUpsName = ({ newSignUps }: Rules): string =>
  newSignUps ? 'at Stytch' : 'as the other rules say'

/** Says what happens to users who have a second factor at the legacy provider and none at Stytch. */
function mfaName(policy: Policy): string {
  const { cohort, carrySessions, allowMfaDowngrade } = policy
  if (cohort === 'nobody') return 'not applicable'
  if (!allowMfaDowngrade) return 'stay on the legacy lane'
  return carrySessions && !isSignUpsOnly(policy) ? 'migrated' : 'sign in at Stytch with one factor'
}

const maxItems = 8

/** Formats a list of any length. It abbreviates a long one to its first items: `a, b, c and 4 more`. */
export const formatList = (items: readonly string[]): string =>
  listFormat.format(
    items.length <= maxItems + 1
      ? items
      : [...items.slice(0, maxItems), `${items.length - maxItems} more`],
  )

/** Compares two lists. */
export const listDifference = (before: readonly string[], after: readonly string[]) => ({
  added: after.filter((item) => !before.includes(item)),
  removed: before.filter((item) => !after.includes(item)),
})

export const noRules: Rules = {
  percent: 0,
  organizations: [],
  countries: [],
  ipRanges: [],
  minAppVersion: null,
}

/** Lists the differences between two policies, one line per dial. It ignores the note. */
export function policyDifference(
  before: Policy,
  after: Policy,
  names: OrganizationNames = noNames,
): string[] {
  const lines: string[] = []
  const compare = (dial: string, from: string, to: string) => {
    if (from !== to) lines.push(`${dial}: ${from} → ${to}`)
  }
  compare('Cohort', cohortName(before), cohortName(after))
  if (typeof after.cohort === 'object') {
    const wasRules = typeof before.cohort === 'object'
    const from = typeof before.cohort === 'object' ? before.cohort : noRules
    const to = after.cohort
    if (wasRules) compare('Percentage', `${from.percent}%`, `${to.percent}%`)
    else lines.push(`Percentage: ${to.percent}%`)
    for (const list of ruleLists) {
      const { added, removed } = listDifference(from[list], to[list])
      const parts = [
        ...(added.length > 0 ? [`added ${formatList(itemsOf(list, added, names))}`] : []),
        ...(removed.length > 0 ? [`removed ${formatList(itemsOf(list, removed, names))}`] : []),
      ]
      if (parts.length > 0) lines.push(`${capitalize(ruleListNouns[list][1])}: ${parts.join('; ')}`)
    }
    compare('New sign-ups', newSignUpsName(from), newSignUpsName(to))
    compare('Minimum app version', from.minAppVersion ?? 'none', to.minAppVersion ?? 'none')
  }
  compare('Legacy sessions', legacySessionsName(before), legacySessionsName(after))
  if (before.allowMfaDowngrade || after.allowMfaDowngrade) {
    compare('Users with MFA', mfaName(before), mfaName(after))
  }
  return lines
}
