import { type NextRequest, NextResponse } from 'next/server'
import { isSameSecret } from '@/lib/cutover/api/is-same-secret'
import { cutoverConfig } from '@/lib/cutover/config'
import { drainForward } from '@/lib/cutover/forward/drain'
import { forwardIsOn } from '@/lib/cutover/forward/forward-jobs'
import { pollForward } from '@/lib/cutover/forward/poll'
import { drain } from '@/lib/cutover/mirror/drain'
import { mirrorIsOn } from '@/lib/cutover/mirror/enqueue'
import { sampleMirror } from '@/lib/cutover/mirror/sample'
import { mirrorStatus } from '@/lib/cutover/mirror/status'
import { prune } from '@/lib/cutover/retention'
import { drainRevocations } from '@/lib/cutover/revocation/drain'
import { pollLegacyUsers } from '@/lib/cutover/revocation/poll'
import { errorText } from '@/lib/error-text'
import { readCredentials } from '@/lib/token/credentials'

const noStore = { 'cache-control': 'no-store' }

/** No job starts after this time, so that the last one can finish before `maxDuration`. */
const budgetMilliseconds = 20_000
/** Old rows are deleted first, so that a full queue cannot postpone it. */
const pruneBudgetMilliseconds = 5_000
/** No job that ends sessions starts after this time, so that the mirror jobs have some left. */
const revocationBudgetMilliseconds = 10_000
/** The same for the forward writes. */
const forwardBudgetMilliseconds = 5_000
export const maxDuration = 60

/**
 * Deletes old rows, ends sessions at the providers and runs the due mirror jobs, for serverless hosting without a
 * background process.
 * A cron job calls it every minute with `Authorization: Bearer` and CRON_SECRET.
 */
export async function GET(request: NextRequest) {
  const { cronSecret } = cutoverConfig()
  if (!cronSecret) return problem(404, 'cron_closed')
  if (!isSameSecret(readCredentials(request.headers).bearer ?? '', cronSecret)) {
    return problem(401, 'cron_secret_wrong', { 'www-authenticate': 'Bearer realm="cron"' })
  }
  try {
    await prune(new Date(), new Date(Date.now() + pruneBudgetMilliseconds))
    await pollLegacyUsers(new Date()).catch((error: unknown) =>
      console.error(`revocation: blocked users could not be looked up: ${errorText(error)}`),
    )
    await drainRevocations({ until: new Date(Date.now() + revocationBudgetMilliseconds) })
    if (forwardIsOn()) await runForward()
    if (!mirrorIsOn()) return NextResponse.json({ mirror: 'off' }, { headers: noStore })
    const drained = await drain({ until: new Date(Date.now() + budgetMilliseconds) })
    await sampleMirror(new Date())
    return NextResponse.json({ ...drained, left: await mirrorStatus() }, { headers: noStore })
  } catch (error) {
    console.error(`mirror: ${errorText(error)}`)
    return problem(503, 'database_unavailable')
  }
}

/** Writes what has happened at the legacy provider to Stytch. */
async function runForward(): Promise<void> {
  await pollForward(new Date()).catch((error: unknown) =>
    console.error(`forward: changed users could not be looked up: ${errorText(error)}`),
  )
  await drainForward({ until: new Date(Date.now() + forwardBudgetMilliseconds) })
}

const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  NextResponse.json({ error: { code } }, { status, headers: { ...noStore, ...headers } })
