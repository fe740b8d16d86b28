import { NextResponse } from 'next/server'
import { readRequest } from '@/lib/seam'
import { noViewer, viewerOf } from '@/lib/viewer'

const noStore = { 'cache-control': 'private, no-store' }

/** The signed-in user and the session, by cookies or Bearer token. */
export async function GET() {
  const reading = await readRequest('api')
  const { flow, policyVersion, reason } = reading
  const viewer = await viewerOf(reading)
  if (!viewer) {
    const { refusal } = noViewer(reading)
    return NextResponse.json(refusal.body, {
      status: refusal.status,
      headers: { ...noStore, ...refusal.headers },
    })
  }
  if (!viewer.account) {
    const error = {
      code: viewer.problem ?? 'account_unavailable',
      message:
        viewer.problem === 'proof_incomplete'
          ? 'The address is confirmed, but older ways to sign in could not be removed yet. Try again.'
          : 'The account cannot be looked up at the moment. Try again later.',
    }
    return NextResponse.json(
      { error, flow, policyVersion },
      { status: 503, headers: { ...noStore, 'retry-after': '5' } },
    )
  }
  const { id, email, name } = viewer.account
  const session = {
    lane: viewer.lane,
    issuer: viewer.issuer,
    expiresAt: viewer.expiresAt.toISOString(),
  }
  const operatorHeaders: Record<string, string> = viewer.isOperator
    ? { 'x-auth-lane': viewer.lane, 'x-auth-reason': reason }
    : {}
  return NextResponse.json(
    { user: { id, email, name }, session, flow, policyVersion },
    { headers: { ...noStore, ...operatorHeaders } },
  )
}
