import { type RuleList, ruleListNouns } from '@/lib/cutover/policy/describe'
import { type Policy, policyProblems, policySchema } from '@/lib/cutover/policy/document'

/** A policy as typed. Every field is a string, so the form can show invalid input again. */
export type Draft = {
  cohort: string
  percent: string
  organizations: string
  /** `yes`, or empty. */
  newSignUps: string
  countries: string
  ipRanges: string
  minAppVersion: string
  carrySessions: string
  allowMfaDowngrade: string
  note: string
}
export type DraftField = keyof Draft

export const draftFields = [
  'cohort',
  'percent',
  'organizations',
  'newSignUps',
  'countries',
  'ipRanges',
  'minAppVersion',
  'carrySessions',
  'allowMfaDowngrade',
  'note',
] as const satisfies DraftField[]

export const fieldLabels: Record<DraftField, string> = {
  cohort: 'Cohort',
  percent: 'Percentage',
  organizations: 'Organizations',
  newSignUps: 'New sign-ups',
  countries: 'Countries',
  ipRanges: 'IP ranges',
  minAppVersion: 'Minimum app version',
  carrySessions: 'Live legacy sessions',
  allowMfaDowngrade: 'Users with MFA',
  note: 'Note',
}

/** Errors by field. Each is the end of a sentence that starts with the field's label. */
export type DraftProblems = Partial<Record<DraftField, string>>

/** Initial percentage in the form when the policy has no rules. */
const initialPercent = 10

export function draftOf({ cohort, carrySessions, allowMfaDowngrade, note }: Policy): Draft {
  const rules = typeof cohort === 'object' ? cohort : null
  return {
    cohort: typeof cohort === 'string' ? cohort : 'rules',
    percent: String(rules?.percent ?? initialPercent),
    organizations: rules?.organizations.join('\n') ?? '',
    newSignUps: rules?.newSignUps ? 'yes' : '',
    countries: rules?.countries.join(', ') ?? '',
    ipRanges: rules?.ipRanges.join('\n') ?? '',
    minAppVersion: rules?.minAppVersion ?? '',
    carrySessions: cohort === 'nobody' || carrySessions ? 'yes' : 'no',
    allowMfaDowngrade: allowMfaDowngrade ? 'yes' : 'no',
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

/** Parses entries separated by new lines, commas or semicolons, and drops duplicates. */
const parseList = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\n,;]/)
      .map((item) => item.trim())
      .filter(Boolean),
  ),
]

/** Parses a draft into a policy or its errors. Fields that do not apply to the chosen cohort are ignored. */
export function parseDraft(draft: Draft): { policy: Policy } | { problems: DraftProblems } {
  const isNobody = draft.cohort === 'nobody'
  const policy = {
    cohort: draft.cohort === 'rules' ? rulesOf(draft) : draft.cohort,
    carrySessions: isNobody ? false : ({ yes: true, no: false }[draft.carrySessions] ?? null),
    // Anything else than "yes" is the safe choice.
    ...(!isNobody && draft.allowMfaDowngrade === 'yes' && { allowMfaDowngrade: true }),
    note: draft.note,
  }
  const parsed = policySchema.safeParse(policy)
  if (parsed.success) return { policy: parsed.data }
  const problems: DraftProblems = {}
  for (const path of Object.keys(policyProblems(parsed.error))) {
    const [field, index] = path.replace(/^cohort\./, '').split('.') as [DraftField, string?]
    problems[field] ??= fieldError(draft, field, index)
  }
  return { problems }
}

const rulesOf = (draft: Draft) => ({
  // `Number` alone would accept an empty string as 0 and "0x10" as 16.
  percent: /^\d+(?:\.\d+)?$/.test(draft.percent.trim()) ? Number(draft.percent) : null,
  organizations: parseList(draft.organizations),
  countries: parseList(draft.countries.toUpperCase()),
  ipRanges: parseList(draft.ipRanges),
  minAppVersion: draft.minAppVersion.trim() || null,
  ...(draft.newSignUps !== '' && { newSignUps: draft.newSignUps === 'yes' ? true : null }),
})

const fieldErrors: Record<DraftField, string> = {
  cohort: 'must be nobody, everybody or rules',
  percent: 'must be a number from 0 to 100',
  organizations: 'must each have 128 characters at most',
  newSignUps: 'must be on or off',
  countries: 'must be two-letter country codes (ISO 3166-1), such as NZ',
  ipRanges: 'must be in CIDR form, such as 203.0.113.0/24',
  minAppVersion: 'must be a version with three numbers, such as 4.2.0',
  carrySessions: 'must be “Migrate” or “Sign in again”',
  allowMfaDowngrade: 'must be “Stay on legacy” or “Also migrate”',
  note: 'must have 500 characters at most',
}

/** The error of a field. For a list it quotes the first invalid entry. */
function fieldError(draft: Draft, field: DraftField, index: string | undefined): string {
  if (!isRuleList(field)) return fieldErrors[field]
  if (index === undefined) {
    return `must have ${field === 'countries' ? 250 : '1,000'} entries at most`
  }
  const text = field === 'countries' ? draft[field].toUpperCase() : draft[field]
  const value = parseList(text)[Number(index)] ?? ''
  const quoted = value.length > 40 ? `${value.slice(0, 40)}…` : value
  return `${fieldErrors[field]}; “${quoted}” ${field === 'organizations' ? 'is longer' : 'is not'}`
}

const isRuleList = (field: DraftField): field is RuleList => Object.hasOwn(ruleListNouns, field)
