import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { beforeEach } from 'vitest'
import { appEnvironment, organizations as seeds } from '../../../../sandbox/settings.ts'
import type { LegacySession } from '../../../legacy/session'
import { organizations } from '../../../team/schema'
import { readCredentials } from '../../../token/credentials'
import { carryOver } from '../../migration/carry-over'
import { members } from '../../team/audience'
import { memberTarget } from '../../team/member-target'
import { type BackfillBed, newUser, setUpBackfill } from '../testing'

/** Only for tests: the backfill of organizations, between both stand-ins. */

export type Slug = keyof typeof seeds

/** Each test begins with the demo organizations at Auth0, and with none at Stytch. */
export function setUpOrganizations(): BackfillBed {
  const bed = setUpBackfill()
  beforeEach(async () => {
    const { store } = bed.stytch.project.b2b
    store.members.clear()
    store.organizations.clear()
    await bed.db.delete(organizations)
  })
  return bed
}

/** Calls the Management API, without the code under test. */
export async function management(
  { auth0 }: BackfillBed,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const { body: token } = await auth0.machineToken()
  const response = await fetch(`${auth0.url}/api/v2/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token.access_token}`,
      'content-type': 'application/json',
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return response.status === 204 ? null : response.json()
}

type NewMember = {
  user_id?: string
  email?: string
  email_verified?: boolean
  blocked?: boolean
  multifactor?: string[]
}

/** Adds users to Auth0 and to an organization there. @returns their subjects */
export async function addMembers(
  bed: BackfillBed,
  slug: Slug,
  given: NewMember[],
): Promise<string[]> {
  const users = given.map((each) => {
    const { subject, email } = newUser()
    return { user_id: subject, email, email_verified: true, ...each }
  })
  const { status } = await bed.auth0.control('POST', 'users', { users })
  if (status !== 200) throw new Error('the users were not added')
  const ids = users.map(({ user_id }) => user_id)
  for (let start = 0; start < ids.length; start += 10) {
    const page = ids.slice(start, start + 10)
    const path = `organizations/${seeds[slug].auth0Id}/members`
    await management(bed, 'POST', path, { members: page })
  }
  return ids
}

/** The organizations and members at Stytch, without the code under test. */
export function atStytch({ stytch }: BackfillBed) {
  const { organizations: all, members: people } = stytch.project.b2b.store
  return [...all.values()].map((organization) => ({
    slug: organization.organization_slug,
    externalId: organization.organization_external_id,
    settings: [
      organization.email_invites,
      organization.email_jit_provisioning,
      organization.sso_jit_provisioning,
    ],
    members: [...people.values()]
      .filter(({ member }) => member.organization_id === organization.organization_id)
      .map(({ member, directRoles }) => ({
        subject: member.external_id,
        email: member.email_address,
        status: member.status,
        roles: directRoles,
      })),
  }))
}

/** A team's session in the cookie of the Auth0 SDK. The sign-in was an hour ago. */
export async function webSession(
  { auth0 }: BackfillBed,
  { email, subject }: { email: string; subject: string },
  slug: Slug,
): Promise<LegacySession> {
  const claims = { sid: crypto.randomUUID() }
  const token = { email, organization: slug, client: 'team', claims }
  const { body } = await auth0.control('POST', 'token', token)
  const hourAgo = Math.floor(Date.now() / 1_000) - 3_600
  const cookie = await generateSessionCookie(
    {
      user: { sub: subject, email, email_verified: true, name: 'Barbara Liskov' },
      tokenSet: { accessToken: body.access_token, expiresAt: hourAgo + 7_200 },
      internal: { sid: claims.sid, createdAt: hourAgo },
    },
    { secret: appEnvironment.AUTH0_TEAM_SECRET as string },
  )
  const headers = new Headers({ cookie: `__team_session=${cookie}` })
  const reading = await members.readLegacy(readCredentials(headers), members.registry(), new Date())
  if (reading.state !== 'valid') throw new Error(`the session is ${reading.refusal}`)
  return reading.session
}

export const carry = (session: LegacySession) =>
  carryOver(session, async () => session.accessToken, {
    now: new Date(),
    policy: { version: 1 },
    target: memberTarget(session.organizationId ?? ''),
  })
