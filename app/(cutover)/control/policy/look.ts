import 'server-only'
import { mirrorStatus } from '@/lib/cutover/mirror/status'
import { type Figures, figures } from '@/lib/cutover/observability/figures'
import { policyDifference } from '@/lib/cutover/policy/describe'
import { beforeTheMigration, type PolicyInForce } from '@/lib/cutover/policy/document'
import { type Preview, type PreviewFacts, previewOf } from '@/lib/cutover/policy/preview'
import { policyAt, readPolicy } from '@/lib/cutover/policy/store'
import { rulesOff } from '@/lib/cutover/policy/unavailable-rules'
import { devicePin } from '@/lib/cutover/routing/pin-device'
import { type Draft, type DraftProblems, parseDraft } from './draft'

/** Where the form stands: what was typed, and what was found out about it. */
export type PolicyState = {
  step: 'edit' | 'preview'
  draft: Draft
  /** Version of the policy in force that the operator is looking at: a confirmation names it. */
  version: number
  problems: DraftProblems
  preview: (Preview & { isRollback: boolean }) | null
  /** What other operators changed since this one opened the form. */
  meanwhile: Meanwhile | null
  problem: { code: string; message: string } | null
}

export type Meanwhile = { version: number; author: string; lines: string[]; note: string }

/** The form as it is first shown, or shown again to be changed. */
export const editing = (draft: Draft, version: number): PolicyState => ({
  step: 'edit',
  draft,
  version,
  problems: {},
  preview: null,
  meanwhile: null,
  problem: null,
})

/**
 * Compares a draft with the policy in force.
 * @param seenVersion what was in force when the operator began, if that is known
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function previewing(
  draft: Draft,
  seenVersion: number | null,
  now: Date,
): Promise<PolicyState> {
  const current = await readPolicy()
  const state = editing(draft, current.version)
  const parsed = parseDraft(draft)
  if ('problems' in parsed) {
    return { ...state, version: seenVersion ?? current.version, problems: parsed.problems }
  }
  const [facts, meanwhile] = await Promise.all([
    previewFacts(now),
    seenVersion === null || seenVersion === current.version
      ? null
      : whatHappened(seenVersion, current),
  ])
  const { policy } = parsed
  const isRollback = policy.cohort === 'nobody' && current.cohort !== 'nobody'
  const preview = { ...previewOf(current, policy, facts), isRollback }
  return { ...state, step: 'preview', preview, meanwhile }
}

async function previewFacts(now: Date): Promise<PreviewFacts> {
  // Each of these makes the preview better; none is worth a rollback that cannot be confirmed.
  const [day, mirror, pin] = await Promise.all([
    figures('day', now).catch(() => null),
    mirrorStatus().catch(() => null),
    devicePin(),
  ])
  return { off: rulesOff(), lately: day && lately(day), mirror: mirror && owed(mirror), pin }
}

/** The running hour and the one before it, whichever has more: at the full hour the running one has none. */
const lately = ({ sessions }: Figures) => ({
  legacy: Math.max(0, ...sessions.slice(-2).map(({ legacy }) => legacy)),
})

const owed = ({ on, pending, retrying, dead }: Awaited<ReturnType<typeof mirrorStatus>>) => ({
  on,
  waiting: pending + retrying,
  dead,
})

async function whatHappened(seenVersion: number, current: PolicyInForce): Promise<Meanwhile> {
  const [seen, latest] = await Promise.all([policyAt(seenVersion), policyAt(current.version)])
  const { version, note } = current
  return {
    version,
    note,
    author: latest?.author ?? 'somebody',
    lines: policyDifference(seen?.policy ?? beforeTheMigration, current),
  }
}
