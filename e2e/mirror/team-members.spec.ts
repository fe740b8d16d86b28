import { organizations, stytchB2bProject, urls } from '../../sandbox/settings.ts'
import { ask } from '../steps/request.ts'
import { act } from '../steps/server-action.ts'
import { teamCookies } from '../steps/team-session.ts'
import { auth0 } from '../world/auth0.ts'
import { expect, test } from '../world/test.ts'

test.use({ policy: 'zero-downtime' })

type Member = { member_id: string; roles: { role_id: string }[] }

/** Calls Stytch's B2B API as another backend of the customer does. */
async function b2b<T>(method: string, path: string, body?: object): Promise<T> {
  const { projectId, secret } = stytchB2bProject
  const response = await fetch(`${urls.stytch}/v1/b2b/${path}`, {
    method,
    headers: {
      authorization: `Basic ${btoa(`${projectId}:${secret}`)}`,
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`)
  return (await response.json()) as T
}

async function memberOf(slug: string, email: string): Promise<Member> {
  const search = new URLSearchParams({ email_address: email })
  const { member } = await b2b<{ member: Member }>('GET', `organizations/${slug}/member?${search}`)
  return member
}

/** The role names of a member at Auth0. Undefined for a user who is not a member. */
async function rolesAtAuth0(slug: 'acme' | 'globex', email: string) {
  const scope = 'read:organization_members'
  const token = await auth0.machineToken({ audience: `${urls.auth0}/api/v2/`, claims: { scope } })
  const path = `organizations/${organizations[slug].auth0Id}/members?fields=email,roles`
  const response = await fetch(`${urls.auth0}/api/v2/${path}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const members = (await response.json()) as { email: string; roles: { name: string }[] }[]
  return members.find((each) => each.email === email)?.roles.map(({ name }) => name)
}

/** A member whose session was carried over, with the cookies of both lanes. */
async function carriedOver(email: string, slug: 'acme' | 'globex') {
  const legacy = await teamCookies(email, slug)
  const body = JSON.stringify([slug])
  const carried = await act('migrateMemberSession', `/team/${slug}`, { cookies: legacy, body })
  expect(carried.result).toMatchObject({ result: 'migrated' })
  const set = carried.headers.getSetCookie().flatMap((line) => {
    const [, name = '', value = ''] = /^(stytch_b2b_\w+)=([^;]+)/.exec(line) ?? []
    return name ? [[name, value]] : []
  })
  return { legacy, cookies: Object.fromEntries(set) as Record<string, string> }
}

const codeOf = async (slug: string, cookies: Record<string, string>) => {
  const answer = await ask(`/api/team/${slug}/me`, { cookies })
  return answer.status === 200 ? 200 : answer.json().error?.code
}

test('a member who is demoted and then deleted at Stytch loses the role, the sessions and the membership', async () => {
  const email = 'barbara@acme.example'
  const { legacy, cookies } = await carriedOver(email, 'acme')
  expect(await codeOf('acme', cookies)).toBe(200)
  const { member_id } = await memberOf('acme', email)

  await b2b('PUT', `organizations/acme/members/${member_id}`, { roles: ['editor'] })
  await expect.poll(() => rolesAtAuth0('acme', email)).toEqual(['editor'])

  await b2b('DELETE', `organizations/acme/members/${member_id}`)
  await expect.poll(() => codeOf('acme', cookies)).toBe('session_ended')
  expect(await codeOf('acme', legacy)).toBe('session_ended')
  await expect.poll(() => rolesAtAuth0('acme', email)).toBeUndefined()
})

test('a person who is removed from one of two organizations keeps the session of the other', async () => {
  const email = 'frances@acme.example'
  const acme = await carriedOver(email, 'acme')
  const globex = await teamCookies(email, 'globex')
  const { member_id } = await memberOf('acme', email)
  await b2b('DELETE', `organizations/acme/members/${member_id}`)
  await expect.poll(() => codeOf('acme', acme.cookies)).toBe('session_ended')
  expect(await codeOf('globex', globex)).toBe(200)
  await expect.poll(() => rolesAtAuth0('acme', email)).toBeUndefined()
  expect(await rolesAtAuth0('globex', email)).toEqual(['editor'])
})
