import { organizations } from '../../../sandbox/settings.ts'
import type { LegacySession } from '../../legacy/session'
import { readCredentials } from '../../token/credentials'
import { carryOver } from '../migration/carry-over'
import { startMigrationForTests } from '../migration/testing'
import { members } from './audience'
import { memberTarget } from './member-target'

export type Slug = keyof typeof organizations

/** Only for tests: a member's session, as the app reads it from an access token. */
export async function memberSessionOfToken(token: string): Promise<LegacySession> {
  const credentials = readCredentials(new Headers({ authorization: `Bearer ${token}` }))
  const reading = await members.readLegacy(credentials, members.registry(), new Date())
  if (reading.state !== 'valid') throw new Error(`the session is ${reading.refusal}`)
  return reading.session
}

/** Only for tests: both stand-ins with the organizations of the demo, and migrations of members. */
export async function startMemberMigrationForTests(environment: Record<string, string> = {}) {
  const fixture = await startMigrationForTests(environment)
  const { auth0, stytch } = fixture

  const management = async (method: string, path: string, body: object) => {
    const { body: token } = await auth0.machineToken()
    const authorization = `Bearer ${token.access_token}`
    const response = await fetch(`${auth0.url}/api/v2/${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(await response.text())
  }

  const sessionOf = async (email: string, slug: Slug, claims: object = {}) => {
    const { body } = await auth0.control('POST', 'token', {
      email,
      organization: slug,
      client: 'team',
      claims: { sid: crypto.randomUUID(), ...claims },
    })
    return memberSessionOfToken(body.access_token)
  }

  /** The organization's members at Stytch with this address, the deleted ones too. */
  const membersOf = async (email: string, slug: string) => {
    const { body } = await stytch.control('GET', 'b2b/organizations')
    const all: StandInOrganization[] = body
    return (all.find((each) => each.slug === slug)?.members ?? []).filter(
      (each) => each.email === email,
    )
  }

  return {
    ...fixture,
    sessionOf,
    membersOf,
    management,

    /** A new user at Auth0, who is a member of the organization there. */
    async addLegacyMember(slug: Slug, email = `${crypto.randomUUID()}@${slug}.example`) {
      await fixture.addLegacyUser(email)
      const { subject } = await fixture.legacySessionOf(email)
      const path = `organizations/${organizations[slug].auth0Id}/members`
      await management('POST', path, { members: [subject] })
      return { email, subject }
    },

    removeLegacyMember: (slug: Slug, subject: string) =>
      management('DELETE', `organizations/${organizations[slug].auth0Id}/members`, {
        members: [subject],
      }),

    carry: (
      session: LegacySession,
      { now = new Date(), allowMfaDowngrade }: { now?: Date; allowMfaDowngrade?: boolean } = {},
    ) =>
      carryOver(session, async () => session.accessToken, {
        now,
        policy: { version: 1, allowMfaDowngrade },
        target: memberTarget(session.organizationId ?? ''),
      }),

    /** The live sessions of the one member with this address. */
    async memberSessionsOf(email: string, slug: string): Promise<string[]> {
      const [member] = await membersOf(email, slug)
      if (!member) return []
      const { member_sessions } = await stytch.b2b.sessions.get({
        organization_id: slug,
        member_id: member.id,
      })
      return member_sessions.map(({ member_session_id }) => member_session_id)
    },
  }
}

type StandInOrganization = {
  slug: string
  members: {
    id: string
    email: string
    external_id: string | null
    status: string
    roles: string[]
    sessions: number
  }[]
}

export type MemberMigrationFixture = Awaited<ReturnType<typeof startMemberMigrationForTests>>

/** After the delay of a refusal. */
export const later = () => new Date(Date.now() + 11 * 60_000)
