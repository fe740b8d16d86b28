import { type NextRequest, NextResponse } from 'next/server'
import { config } from '@/lib/config'
import { drain } from '@/lib/cutover/mirror/drain'
import { mirrorIsOn } from '@/lib/cutover/mirror/enqueue'
import { sampleMirror } from '@/lib/cutover/mirror/sample'
import { mirrorStatus } from '@/lib/cutover/mirror/status'
import { prune } from '@/lib/cutover/retention'
import { errorText } from '@/lib/error-text'
import { isSameSecret } from '@/lib/is-same-secret'
import { readCredentials } from '@/lib/token/credentials'

const noStore = { 'cache-control': 'no-store' }

/** No job is begun after this; the last one has time to end. In milliseconds. */
const budget = 20_000
/** Comes first, so that waiting jobs do not keep it from its turn. In milliseconds. */
const pruneBudget = 5_000
export const maxDuration = 60

/**
 * Deletes what is too old, and does the mirror's jobs that are due, for hosting without a process that lives on: call it every minute,
 * with `Authorization: Bearer` and CRON_SECRET, as the cron jobs of such hosts do.
 */
export async function GET(request: NextRequest) {
  const { cronSecret } = config()
  if (!cronSecret) return problem(404, 'cron_closed')
  if (!isSameSecret(readCredentials(request.headers).bearer ?? '', cronSecret)) {
    return problem(401, 'cron_secret_wrong', { 'www-authenticate': 'Bearer realm="cron"' })
  }
  try {
    await prune(new Date(), new Date(Date.now() + pruneBudget))
    if (!mirrorIsOn()) return NextResponse.json({ mirror: 'off' }, { headers: noStore })
    const drained = await drain({ until: new Date(Date.now() + budget) })
    await sampleMirror(new Date())
    return NextResponse.json({ ...drained, left: await mirrorStatus() }, { headers: noStore })
  } catch (error) {
    console.error(`mirror: ${errorText(error)}`)
    return problem(503, 'database_unavailable')
  }
}

const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  NextResponse.json({ error: { code } }, { status, headers: { ...noStore, ...headers } })
