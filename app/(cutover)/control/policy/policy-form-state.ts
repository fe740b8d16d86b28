import 'server-only'
import { mirrorStatus } from '@/lib/cutover/mirror/status'
import { type Figures, figures } from '@/lib/cutover/observability/figures'
import { policyDifference } from '@/lib/cutover/policy/describe'
import { beforeTheMigration, type Policy, type PolicyInForce } from '@/lib/cutover/policy/document'
import { organizationNames } from '@/lib/cutover/policy/organization-names'
import { type Preview, type PreviewFacts, previewChange } from '@/lib/cutover/policy/preview'
import { policyAt, readPolicy } from '@/lib/cutover/policy/store'
import { unavailableRules } from '@/lib/cutover/policy/unavailable-rules'
import { devicePin } from '@/lib/cutover/routing/pin-device'
import { type Draft, type DraftProblems, parseDraft } from './draft'

/** State of the policy form: its step, the draft and the result of its checks. */
export type PolicyFormState = {
  step: 'edit' | 'preview'
  draft: Draft
  /** Version of the policy in force that the operator is looking at: a confirmation names it. */
  version: number
  problems: DraftProblems
  preview: (Preview & { isRollback: boolean }) | null
  /** A change by another operator since this one opened the form. */
  concurrentChange: ConcurrentChange | null
  problem: { code: string; message: string } | null
}

export type ConcurrentChange = { version: number; author: string; lines: string[]; note: string }

/** The form in its edit step. */
export const editState = (draft: Draft, version: number): PolicyFormState => ({
  step: 'edit',
  draft,
  version,
  problems: {},
  preview: null,
  concurrentChange: null,
  problem: null,
})

/**
 * The form in its preview step, or in its edit step if the draft is invalid.
 * @param seenVersion the version in force when the operator opened the form, or null for the current one
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function previewState(
  draft: Draft,
  seenVersion: number | null,
  now: Date,
): Promise<PolicyFormState> {
  const current = await readPolicy()
  const state = editState(draft, current.version)
  const parsed = parseDraft(draft)
  if ('problems' in parsed) {
    return { ...state, version: seenVersion ?? current.version, problems: parsed.problems }
  }
  const [facts, concurrentChange] = await Promise.all([
    previewFacts([current, parsed.policy], now),
    seenVersion === null || seenVersion === current.version
      ? null
      : changesSince(seenVersion, current),
  ])
  const { policy } = parsed
  const isRollback = policy.cohort === 'nobody' && current.cohort !== 'nobody'
  const preview = { ...previewChange(current, policy, facts), isRollback }
  return { ...state, step: 'preview', preview, concurrentChange }
}

async function previewFacts(policies: Policy[], now: Date): Promise<PreviewFacts> {
  // Missing figures make the preview less precise. They must not prevent a rollback.
  const [day, mirror, pin, names] = await Promise.all([
    figures('day', now).catch(() => null),
    mirrorStatus().catch(() => null),
    devicePin(),
    organizationNames(policies),
  ])
  return {
    unavailableRules: unavailableRules(),
    recentSessions: day && recentSessions(day),
    mirror: mirror && unfinishedJobs(mirror),
    pin,
    organizationNames: names,
  }
}

/** The larger of the current and the previous hour, because the current hour starts at zero. */
const recentSessions = ({ sessions }: Figures) => ({
  legacy: Math.max(0, ...sessions.slice(-2).map(({ legacy }) => legacy)),
})

const unfinishedJobs = ({
  on,
  pending,
  retrying,
  dead,
}: Awaited<ReturnType<typeof mirrorStatus>>) => ({
  on,
  waiting: pending + retrying,
  dead,
})

async function changesSince(
  seenVersion: number,
  current: PolicyInForce,
): Promise<ConcurrentChange> {
  const [seen, latest] = await Promise.all([policyAt(seenVersion), policyAt(current.version)])
  const { version, note } = current
  const before = seen?.policy ?? beforeTheMigration
  return {
    version,
    note,
    author: latest?.author ?? 'an unknown operator',
    lines: policyDifference(before, current, await organizationNames([before, current])),
  }
}
