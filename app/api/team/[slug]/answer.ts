import 'server-only'
import { NextResponse } from 'next/server'
import type { Account } from '@/lib/account/account'
import { errorText } from '@/lib/error-text'
import { hasTeams } from '@/lib/team/config'
import { type Member, memberOf } from '@/lib/team/member'
import { findTeam, readTeamRequest, type TeamReading } from '@/lib/team/seam'
import { isSlug } from '@/lib/team/slug'

const noStore = { 'cache-control': 'private, no-store' }

export const problem = (status: number, code: string, message: string, headers = {}) =>
  NextResponse.json({ error: { code, message } }, { status, headers: { ...noStore, ...headers } })

/**
 * Answers a request of the API of a team for its member, and refuses everybody else: 401 without a session, 403 with
 * the session of another organization, 404 for an organization that does not exist.
 */
export async function answerMember(
  params: Promise<{ slug: string }>,
  answer: (member: Member & { account: Account }, reading: TeamReading) => Promise<NextResponse>,
): Promise<NextResponse> {
  const { slug } = await params
  if (!hasTeams() || !isSlug(slug)) return unknownTeam()
  try {
    const reading = await readTeamRequest('api', slug)
    const organization = await findTeam(slug)
    if (!organization) return unknownTeam()
    const found = await memberOf(reading, organization)
    if ('refusal' in found) {
      const { status, body, headers } = found.refusal
      return NextResponse.json(body, { status, headers: { ...noStore, ...headers } })
    }
    const { account } = found.member
    if (!account) return unavailable()
    const response = await answer({ ...found.member, account }, reading)
    response.headers.set('cache-control', noStore['cache-control'])
    return response
  } catch (error) {
    console.error(`team: ${errorText(error)}`)
    return unavailable()
  }
}

const unknownTeam = () =>
  problem(404, 'organization_unknown', 'There is no organization with this slug.')

const unavailable = () =>
  problem(503, 'account_unavailable', 'The team cannot be looked up at the moment. Try again.', {
    'retry-after': '5',
  })
