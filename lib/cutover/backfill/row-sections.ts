import { type CodeText, planTexts, settledText } from './code-texts'
import type { Outcome } from './plan/outcome'
import type { backfillRows } from './schema'

/** Rows of a run that have the same state, codes and kind. */
export type RowGroup = {
  state: (typeof backfillRows.$inferSelect)['state']
  outcome: string
  reason: string | null
  /** Whether the import has claimed them. */
  isTried: boolean
  count: number
  /** How many of them a process works on. */
  held: number
}

/** Where the control room lists a row. */
export const sections = [
  'failed',
  'skipped',
  'waiting',
  'imported',
  'deleted',
  'kept',
  'left_out',
] as const
export type Section = (typeof sections)[number]

export type CodeCount = { code: string; count: number; text: CodeText }

function sectionOf({ state, reason, isTried }: RowGroup): Section {
  if (reason?.startsWith('kept_')) return 'kept'
  if (state === 'planned' || state === 'claimed') return 'waiting'
  if (state === 'done') return 'imported'
  if (state === 'undone') return 'deleted'
  if (state === 'failed') return 'failed'
  return isTried ? 'skipped' : 'left_out'
}

/** The reason of a row that the plan left out names a field. That of a row that waits is of an earlier attempt. */
const hasOwnReason: Record<Section, boolean> = {
  failed: true,
  skipped: true,
  waiting: false,
  imported: true,
  deleted: false,
  kept: true,
  left_out: false,
}

/** The rows by section and code, the largest number first. */
export function codesOf(groups: RowGroup[]): Record<Section, CodeCount[]> {
  const found: Record<Section, CodeCount[]> = {
    failed: [],
    skipped: [],
    waiting: [],
    imported: [],
    deleted: [],
    kept: [],
    left_out: [],
  }
  for (const group of groups) {
    const section = sectionOf(group)
    const reason = hasOwnReason[section] ? group.reason : null
    const code = reason ?? group.outcome
    const known = found[section].find((each) => each.code === code)
    const text = reason === null ? planTexts[group.outcome as Outcome] : settledText(reason)
    if (known) known.count += group.count
    else found[section].push({ code, count: group.count, text })
  }
  for (const section of sections) {
    found[section].sort((a, b) => b.count - a.count || a.code.localeCompare(b.code))
  }
  return found
}
