import { type ListName, lists } from '@/lib/cutover/policy/describe'
import { type Policy, policyProblems, policySchema } from '@/lib/cutover/policy/document'

/** A policy as it is typed: every field a text, so that what is wrong can be shown again. */
export type Draft = {
  cohort: string
  percent: string
  organizations: string
  countries: string
  ipRanges: string
  minAppVersion: string
  carrySessions: string
  note: string
}
export type DraftField = keyof Draft

export const draftFields = [
  'cohort',
  'percent',
  'organizations',
  'countries',
  'ipRanges',
  'minAppVersion',
  'carrySessions',
  'note',
] as const satisfies DraftField[]

export const labels: Record<DraftField, string> = {
  cohort: 'Who is in the cohort',
  percent: 'Percentage',
  organizations: 'Organizations',
  countries: 'Countries',
  ipRanges: 'IP ranges',
  minAppVersion: 'Minimum app version',
  carrySessions: 'Live legacy sessions',
  note: 'Note',
}

/** What is wrong with a field, as the rest of a sentence that begins with its name. */
export type DraftProblems = Partial<Record<DraftField, string>>

/** Where the dials begin that the policy does not speak of. */
const firstPercent = 10

export function draftOf({ cohort, carrySessions, note }: Policy): Draft {
  const rules = typeof cohort === 'object' ? cohort : null
  return {
    cohort: typeof cohort === 'string' ? cohort : 'rules',
    percent: String(rules?.percent ?? firstPercent),
    organizations: rules?.organizations.join('\n') ?? '',
    countries: rules?.countries.join(', ') ?? '',
    ipRanges: rules?.ipRanges.join('\n') ?? '',
    minAppVersion: rules?.minAppVersion ?? '',
    carrySessions: cohort === 'nobody' || carrySessions ? 'yes' : 'no',
    note,
  }
}

export function readDraft(data: FormData): Draft {
  const text = (field: DraftField) => {
    const value = data.get(field)
    return typeof value === 'string' ? value.replaceAll('\r\n', '\n') : ''
  }
  return Object.fromEntries(draftFields.map((field) => [field, text(field)])) as Draft
}

/** One a line or comma separated; twice is once. */
const items = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\n,;]/)
      .map((item) => item.trim())
      .filter(Boolean),
  ),
]

/** The policy that was typed, or what is wrong with it. What does not apply is not looked at. */
export function parseDraft(draft: Draft): { policy: Policy } | { problems: DraftProblems } {
  const isNobody = draft.cohort === 'nobody'
  const policy = {
    cohort: draft.cohort === 'rules' ? rulesOf(draft) : draft.cohort,
    carrySessions: isNobody ? false : ({ yes: true, no: false }[draft.carrySessions] ?? null),
    note: draft.note,
  }
  const parsed = policySchema.safeParse(policy)
  if (parsed.success) return { policy: parsed.data }
  const problems: DraftProblems = {}
  for (const path of Object.keys(policyProblems(parsed.error))) {
    const [field, index] = path.replace(/^cohort\./, '').split('.') as [DraftField, string?]
    problems[field] ??= wording(draft, field, index)
  }
  return { problems }
}

const rulesOf = (draft: Draft) => ({
  // Not `Number` alone, for which nothing is 0 and "0x10" is 16.
  percent: /^\d+(?:\.\d+)?$/.test(draft.percent.trim()) ? Number(draft.percent) : null,
  organizations: items(draft.organizations),
  countries: items(draft.countries.toUpperCase()),
  ipRanges: items(draft.ipRanges),
  minAppVersion: draft.minAppVersion.trim() || null,
})

const wordings: Record<DraftField, string> = {
  cohort: 'must be nobody, everybody or rules',
  percent: 'must be a number from 0 to 100',
  organizations: 'must have 128 characters at most',
  countries: 'must be codes of two letters (ISO 3166-1), such as NZ',
  ipRanges: 'must be in CIDR form, such as 203.0.113.0/24',
  minAppVersion: 'must be a version with three numbers, such as 4.2.0',
  carrySessions: 'must be yes or no',
  note: 'must have 500 characters at most',
}

/** What is wrong with a field; in a list, with the first entry that is. */
function wording(draft: Draft, field: DraftField, index: string | undefined): string {
  if (!isList(field)) return wordings[field]
  if (index === undefined) return `must be ${field === 'countries' ? 250 : '1,000'} at most`
  const text = field === 'countries' ? draft[field].toUpperCase() : draft[field]
  const value = items(text)[Number(index)] ?? ''
  const quoted = value.length > 40 ? `${value.slice(0, 40)}…` : value
  return `${wordings[field]}; “${quoted}” ${field === 'organizations' ? 'has more' : 'is not'}`
}

const isList = (field: DraftField): field is ListName => Object.hasOwn(lists, field)
