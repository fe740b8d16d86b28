import { NextResponse } from 'next/server'
import { answerMember } from '../answer'

/** The signed-in member and the session, by cookies or Bearer token. */
export const GET = (_: Request, { params }: { params: Promise<{ slug: string }> }) =>
  answerMember(
    params,
    async ({ organization, lane, issuer, expiresAt, roles, account }, reading) => {
      const { id, email, name } = account
      const { flow, policyVersion } = reading
      return NextResponse.json({
        member: { id, email, name, roles },
        organization: { id: organization.id, slug: organization.slug, name: organization.name },
        session: { lane, issuer, expiresAt: expiresAt.toISOString() },
        flow,
        policyVersion,
      })
    },
  )
