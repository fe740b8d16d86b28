import { importable, leftOut, type Outcome } from './outcome'
import type { PlanResult } from './plan'

/** What the operator reads after a plan. It has codes and numbers, and names no user. */
export function planReport(
  { runId, isKnown, rate, counts }: PlanResult,
  accepted: readonly Outcome[],
): string[] {
  const of = (outcome: Outcome) => counts[outcome] ?? 0
  const toImport = importable.reduce((sum, outcome) => sum + of(outcome), 0)
  const stayOut = leftOut.filter((outcome) => of(outcome) > 0)
  const undecided = undecidedOutcomes({ counts }, accepted)
  const line = (outcome: Outcome, note = '') => `  ${outcome.padEnd(24)}${of(outcome)}${note}`
  return [
    `Run ${runId}${isKnown ? ' (the same files were planned before; nothing was written)' : ''}`,
    '',
    'To import:',
    ...importable.map((outcome) => line(outcome)),
    'Already at Stytch:',
    line('already'),
    ...(stayOut.length > 0 ? ['Stay out:'] : []),
    ...stayOut.map((outcome) => line(outcome, accepted.includes(outcome) ? ' (accepted)' : '')),
    '',
    `The import of ${toImport} takes ${duration(importSeconds(counts, rate))} at ${rate} calls a second.`,
    ...(undecided.length > 0
      ? [
          `Decide about: ${undecided.join(', ')}. docs/backfill.md says what each means.`,
          `To leave these out, run again with --accept ${undecided.join(',')}`,
        ]
      : []),
  ]
}

/** The outcomes that stay out and that the operator has not accepted. */
export const undecidedOutcomes = (
  { counts }: Pick<PlanResult, 'counts'>,
  accepted: readonly Outcome[],
): Outcome[] => leftOut.filter((outcome) => counts[outcome] && !accepted.includes(outcome))

/** A user with a password takes two calls to Stytch. The limiter of the import leaves a tenth of the rate unused. */
export const importSeconds = (
  counts: Pick<PlanResult['counts'], 'create' | 'create_with_password'>,
  rate: number,
): number => ((2 * (counts.create_with_password ?? 0) + (counts.create ?? 0)) * 1.1) / rate

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
