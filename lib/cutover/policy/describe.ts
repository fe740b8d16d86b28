import { type Policy, type PresetName, presetOf, type Rules } from './document'

const names: Record<PresetName | 'rolling', string> = {
  'before-the-migration': 'Before the migration',
  'zero-downtime': 'Zero-downtime sessions',
  'all-at-once': 'All-at-once',
  rolling: 'Rolling',
}

/** Which option of the migration guide a policy is, as a heading. */
export const policyName = (policy: Policy): string => names[presetOf(policy) ?? 'rolling']

/** `1 country`, `2 countries`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** `a`, `a and b`, `a, b and c`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`

export type ListName = 'organizations' | 'countries' | 'ipRanges'

/** The lists of the rules, as they are spoken of: one, and many. */
export const lists: Record<ListName, readonly [string, string]> = {
  organizations: ['organization', 'organizations'],
  countries: ['country', 'countries'],
  ipRanges: ['IP range', 'IP ranges'],
}
export const listNames = Object.keys(lists) as ListName[]

/** Whom the rules put into the cohort. Their share is never exact: it is drawn, visitor by visitor. */
function whom(rules: Rules): string {
  const parts = listNames
    .filter((list) => rules[list].length > 0)
    .map((list) => counted(rules[list].length, ...lists[list]))
  if (rules.percent === 100) return 'All visitors get'
  if (rules.percent > 0) parts.unshift(`about ${rules.percent}% of visitors`)
  const text = listed(parts) || 'no visitors'
  return `${capital(text)} ${/^1 [^,]*$/.test(text) && parts.length === 1 ? 'gets' : 'get'}`
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** A policy in one sentence. */
export function policySentence(policy: Policy): string {
  const { cohort, carrySessions } = policy
  if (cohort === 'nobody') {
    return 'Nobody gets the Stytch login: everybody signs in at the legacy provider.'
  }
  const carry = carrySessions
    ? 'live legacy sessions are carried over'
    : 'whoever has a legacy session signs in again'
  if (cohort === 'everybody') return `Everybody gets the Stytch login; ${carry}.`
  const apps = cohort.minAppVersion
    ? `; apps older than ${cohort.minAppVersion} stay on legacy`
    : ''
  return `${whom(cohort)} the Stytch login; ${carry}${apps}.`
}

const cohortName = ({ cohort }: Policy): string => (typeof cohort === 'string' ? cohort : 'rules')

const carryName = ({ cohort, carrySessions }: Policy): string =>
  cohort === 'nobody' ? 'does not apply' : carrySessions ? 'carried over' : 'sign in again'

const shown = 8

/** The first few of many. */
export const some = (items: readonly string[]): string =>
  items.length <= shown + 1
    ? listed(items)
    : `${items.slice(0, shown).join(', ')} and ${items.length - shown} more`

/** What was added to a list and what was taken from it. */
export const listChange = (before: readonly string[], after: readonly string[]) => ({
  added: after.filter((item) => !before.includes(item)),
  removed: before.filter((item) => !after.includes(item)),
})

const noRules: Rules = {
  percent: 0,
  organizations: [],
  countries: [],
  ipRanges: [],
  minAppVersion: null,
}

/** The dials that stand differently, one line each; empty when only the note is another. */
export function policyDifference(before: Policy, after: Policy): string[] {
  const lines: string[] = []
  const moved = (dial: string, from: string, to: string) => {
    if (from !== to) lines.push(`${dial}: ${from} → ${to}`)
  }
  moved('Cohort', cohortName(before), cohortName(after))
  if (typeof after.cohort === 'object') {
    const wasRules = typeof before.cohort === 'object'
    const from = typeof before.cohort === 'object' ? before.cohort : noRules
    const to = after.cohort
    if (wasRules) moved('Percentage', `${from.percent}%`, `${to.percent}%`)
    else lines.push(`Percentage: ${to.percent}%`)
    for (const list of listNames) {
      const { added, removed } = listChange(from[list], to[list])
      const parts = [
        ...(added.length > 0 ? [`added ${some(added)}`] : []),
        ...(removed.length > 0 ? [`removed ${some(removed)}`] : []),
      ]
      if (parts.length > 0) lines.push(`${capital(lists[list][1])}: ${parts.join('; ')}`)
    }
    moved('Minimum app version', from.minAppVersion ?? 'none', to.minAppVersion ?? 'none')
  }
  moved('Legacy sessions', carryName(before), carryName(after))
  return lines
}
