import { eq } from 'drizzle-orm'
import {
  organizations as seeds,
  stytchB2bProject,
  stytchB2bWebhook,
} from '../../../../sandbox/settings.ts'
import { signedHeaders } from '../../../../sandbox/stytch/webhooks.ts'
import type { Account } from '../../../account/account'
import { findRevocation, type Revocation } from '../../../revocation/revocation-list'
import {
  readStytchSession,
  refreshStytchSession,
  type StytchReading,
} from '../../../stytch/session'
import { memberIdentity } from '../../../team/member-account'
import { recordMembership } from '../../../team/membership'
import { memberships, organizations } from '../../../team/schema'
import { teamIssuer } from '../../../team/stytch/issuer'
import type { MemberSignedIn } from '../../../team/stytch/member-sign-in'
import { teamProject } from '../../../team/stytch/project'
import { sendEmailCode, signInWithCode } from '../../../team/stytch/sign-in'
import { readCredentials } from '../../../token/credentials'
import { createRegistry } from '../../../token/registry'
import { openMemberAccount } from '../../team/open-member-account'
import type { TestBed } from '../testing'
import { receiveWebhook } from '../webhook'

/** Only for tests: members who sign in at Stytch, and what Auth0 knows of them. */

export type Joined = {
  account: Account
  email: string
  memberId: string
  organizationId: string
  opened: MemberSignedIn
}

export const newMemberAddress = (domain = 'acme.example'): string =>
  `${crypto.randomUUID()}@${domain}`

/** Signs a member in by a mailed code, and opens the account as team/sign-in.ts does. */
export async function join(
  { stytch }: Pick<TestBed, 'stytch'>,
  slug: string,
  email = newMemberAddress(),
): Promise<Joined> {
  const { organization } = await stytch.b2b.organizations.get({ organization_id: slug })
  const organizationId = organization.organization_id
  await sendEmailCode(organizationId, email)
  const code = (await stytch.lastMessage()).code ?? ''
  const found = await signInWithCode(organizationId, email, code, 60)
  if (found.outcome !== 'signed_in') throw new Error(found.outcome)
  const opened = found.signedIn
  const account = await openMemberAccount(opened, opened.member)
  return { account, email, memberId: opened.member.id, organizationId, opened }
}

/** Opens a page of the team, which records the membership. */
export async function openTeam(bed: TestBed, { account, organizationId, opened }: Joined) {
  const [organization] = await bed.db
    .select()
    .from(organizations)
    .where(eq(organizations.stytchId, organizationId))
  if (!organization) throw new Error('the organization is not known')
  const { roles } = opened.organization
  const given = { organizationId: organization.id, accountId: account.id, roles }
  await recordMembership({ ...given, lane: 'stytch' })
}

export const recordedMemberships = ({ db }: TestBed, { id }: Account) =>
  db.select().from(memberships).where(eq(memberships.accountId, id))

/** Creates a member as a backend or an admin does, who may choose any address. */
export const createMember = (
  { stytch }: Pick<TestBed, 'stytch'>,
  slug: string,
  profile: { email: string; name?: string; roles?: string[] },
) => {
  const { email: email_address, ...given } = profile
  return stytch.b2b.organizations.members.create({
    organization_id: slug,
    email_address,
    ...given,
  })
}

/** Sends a webhook of the B2B project, as Stytch signs it. */
export function receiveTeamWebhook(
  over: { action: string; object_type: string; id: string; project_id?: string },
  { secret = stytchB2bWebhook.secret, id = `msg_${crypto.randomUUID()}` } = {},
) {
  const body = JSON.stringify({ project_id: stytchB2bProject.projectId, vertical: 'B2B', ...over })
  return receiveWebhook(new Headers(signedHeaders(secret, id, body)), body, new Date())
}

export const reportMember = (action: 'UPDATE' | 'DELETE', id: string) =>
  receiveTeamWebhook({ action, object_type: 'member', id })

const readMember = (cookies: string, now: Date): Promise<StytchReading> =>
  readStytchSession(
    readCredentials(new Headers({ cookie: cookies })),
    createRegistry([teamIssuer()]),
    now,
    teamProject,
  )

/**
 * What a copy of the session's cookies opens at a time: the reason of a refusal, or null. It refreshes an expired JWT, as
 * the middleware does, and checks the list, as every page does.
 */
export async function openCopy(
  { opened }: Pick<Joined, 'opened'>,
  now = new Date(),
): Promise<Revocation | string | null> {
  const { sessionToken, sessionJwt } = opened.tokens
  const { cookies } = teamProject
  const sent = `${cookies.token}=${sessionToken}; ${cookies.jwt}=${sessionJwt}`
  let reading = await readMember(sent, now)
  if (reading.state === 'refreshable') {
    reading = (await refreshStytchSession(reading, teamIssuer(), teamProject)).reading
  }
  if (reading.state !== 'valid') return reading.state === 'none' ? reading.refusal : reading.state
  const { organization, ...session } = reading.session
  if (!organization) throw new Error('a session of no organization')
  return findRevocation({ ...session, ...memberIdentity({ ...session, organization }) })
}

/** The role names of each member of an organization at Auth0, by address, read without the code under test. */
export async function legacyMembers(
  { auth0 }: Pick<TestBed, 'auth0'>,
  slug: keyof typeof seeds,
): Promise<Map<string, string[]>> {
  const { body } = await auth0.machineToken()
  const fields = 'user_id,email,roles'
  const response = await fetch(
    `${auth0.url}/api/v2/organizations/${seeds[slug].auth0Id}/members?fields=${fields}&take=100`,
    { headers: { authorization: `Bearer ${body.access_token}` } },
  )
  const answer = (await response.json()) as LegacyMember[] | { members: LegacyMember[] }
  const members = Array.isArray(answer) ? answer : answer.members
  return new Map(members.map(({ email, roles = [] }) => [email, roles.map(({ name }) => name)]))
}

type LegacyMember = { email: string; roles?: { name: string }[] }
