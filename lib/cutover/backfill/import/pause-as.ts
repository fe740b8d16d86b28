import 'server-only'
import { recordEvent } from '../../events/record'
import { pauseRun, resumeRun } from './pause'

/**
 * Pauses or resumes a run in the name of an operator, and records it.
 * @returns false if the run has ended, or another operator has done the same
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function pauseRunAs(
  author: string,
  { runId, pause, now }: { runId: string; pause: boolean; now: Date },
): Promise<boolean> {
  const started = performance.now()
  if (!(await (pause ? pauseRun(runId) : resumeRun(runId)))) return false
  await recordEvent({
    at: now,
    kind: 'backfill',
    accountId: null,
    issuer: null,
    subject: author,
    lane: 'anonymous',
    result: pause ? 'paused' : 'resumed',
    // With a space it is no plain name. So the metrics count it as `other`, and have no series for each run.
    reason: `import ${runId}`,
    milliseconds: performance.now() - started,
    policyVersion: 0,
  })
  return true
}
