import { NextResponse } from 'next/server'
import { membersOf } from '@/lib/team/membership'
import { answerMember } from '../answer'

/** The people of the team, by cookies or Bearer token. */
export const GET = (_: Request, { params }: { params: Promise<{ slug: string }> }) =>
  answerMember(params, async ({ organization }) => {
    const members = await membersOf(organization.id)
    return NextResponse.json({
      members: members.map(({ accountId, name, email, roles, lane, joinedAt, carriedOverAt }) => ({
        id: accountId,
        name,
        email,
        roles,
        lane,
        joinedAt: joinedAt.toISOString(),
        carriedOverAt: carriedOverAt?.toISOString() ?? null,
      })),
    })
  })
