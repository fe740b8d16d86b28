import { NextResponse } from 'next/server'
import { authenticateChallenge, refusalBody } from '@/lib/cutover/answer'
import { assessCurrentRequest, viewerOf } from '@/lib/viewer'

const noStore = { 'cache-control': 'private, no-store' }

/** Who is signed in, with cookies or with a Bearer token, and on which lane. */
export async function GET() {
  const assessed = await assessCurrentRequest('api')
  const { cohort, policy, verdict } = assessed
  const viewer = await viewerOf(assessed)
  if (!viewer) {
    return verdict.action === 'retry'
      ? NextResponse.json(refusalBody(assessed), {
          status: 503,
          headers: { ...noStore, 'retry-after': '5' },
        })
      : NextResponse.json(refusalBody(assessed), {
          status: 401,
          headers: { ...noStore, 'www-authenticate': authenticateChallenge(assessed) },
        })
  }
  const flow = { name: cohort.flow, reason: cohort.reason }
  if (!viewer.account) {
    const error = {
      code: 'account_unavailable',
      message: 'The account cannot be looked up at the moment. Try again.',
    }
    return NextResponse.json(
      { error, flow, policyVersion: policy.version },
      { status: 503, headers: { ...noStore, 'retry-after': '5' } },
    )
  }
  const { id, email, name } = viewer.account
  const session = {
    lane: viewer.lane,
    issuer: viewer.issuer,
    expiresAt: viewer.expiresAt.toISOString(),
  }
  const forOperators: Record<string, string> = viewer.isOperator
    ? { 'x-auth-lane': viewer.lane, 'x-auth-reason': verdict.reason }
    : {}
  return NextResponse.json(
    { user: { id, email, name }, session, flow, policyVersion: policy.version },
    { headers: { ...noStore, ...forOperators } },
  )
}
