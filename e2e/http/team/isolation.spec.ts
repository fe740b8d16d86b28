import { urls } from '../../../sandbox/settings.ts'
import { memberSessionCookies } from '../../steps/member-session.ts'
import { ask, expectNotCached } from '../../steps/request.ts'
import { encoded, hiddenFields } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { database } from '../../world/database.ts'
import { expect, test } from '../../world/test.ts'

/** A session opens one organization. Everything of another one is refused to it, by page, action and API. */

test.use({ policy: 'zero-downtime' })

const edsger = () => memberSessionCookies('edsger@acme.example', 'acme')
const dorothy = () => memberSessionCookies('dorothy@globex.example', 'globex')

/** The fields of the form that contains this text, as a browser without script sends them. */
const formOf = (html: string, text: string): Record<string, string> => {
  const form = html.match(/<form.*?<\/form>/gs)?.find((each) => each.includes(text))
  if (!form) throw new Error(`The page has no form with ${text}.`)
  return hiddenFields(form)
}

async function postForm(
  path: string,
  fields: Record<string, string>,
  cookies: Record<string, string>,
) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  const { body, type } = await encoded(form)
  const headers = { origin: urls.app, 'content-type': type }
  return ask(path, { method: 'POST', cookies, body, headers })
}

const notesOf = async (slug: string): Promise<string[]> =>
  (
    await database.query<{ text: string }>(
      `select text from team_notes join organizations o on o.id = organization_id where o.slug = '${slug}'`,
    )
  ).map(({ text }) => text)

test('a member opens the own organization by page and API', async () => {
  const cookies = await edsger()
  const page = await ask('/team/acme', { cookies })
  expect(page.status).toBe(200)
  expect(page.text).toContain('edsger@acme.example')
  const members = await ask('/api/team/acme/members', { cookies })
  expect(members.status).toBe(200)
  expectNotCached(members)
  expect(members.json().members).toContainEqual(
    expect.objectContaining({ email: 'edsger@acme.example', lane: 'stytch' }),
  )
})

test('refuses a member of one organization in the other, by page and API', async () => {
  const cookies = await edsger()
  for (const path of ['/team/globex', '/team/globex/members']) {
    const page = await ask(path, { cookies })
    expect(page.status).toBe(307)
    expect(page.headers.get('location')).toBe(
      `/team/globex/login?returnTo=${encodeURIComponent(path)}&reason=organization_mismatch`,
    )
    expect(page.text).not.toContain('dorothy')
  }
  for (const path of ['me', 'members', 'notes']) {
    for (const credentials of [{ cookies }, { bearer: cookies.stytch_b2b_session_jwt }]) {
      const answer = await ask(`/api/team/globex/${path}`, credentials)
      expect(answer.status).toBe(403)
      expect(answer.json().error.code).toBe('organization_mismatch')
    }
  }
})

test('refuses a member of one organization in the other, by the action of a form', async () => {
  const page = await ask('/team/globex', { cookies: await dorothy() })
  const fields = formOf(page.text, 'Add note')
  const text = `written to Globex ${crypto.randomUUID()}`
  const refused = await postForm('/team/globex', { ...fields, text }, await edsger())
  expect(refused.status).toBe(303)
  expect(refused.headers.get('location')).toContain('reason=organization_mismatch')
  // The form of one organization names its slug, and a client can change the address too.
  await postForm('/team/acme', { ...fields, text }, await edsger())
  expect(await notesOf('globex')).not.toContain(text)
  expect(await notesOf('acme')).not.toContain(text)

  // The same form works for its member, so the app refused the organization.
  await postForm('/team/globex', { ...fields, text }, await dorothy())
  expect(await notesOf('globex')).toContain(text)
})

test('a note of the API belongs to the organization of the session', async () => {
  const [bearer, other] = [(await edsger()).stytch_b2b_session_jwt, await dorothy()]
  const text = `note ${crypto.randomUUID()}`
  const body = JSON.stringify({ text })
  const written = await ask('/api/team/acme/notes', { method: 'POST', bearer, body })
  expect(written.status, written.text).toBe(201)
  const { id } = written.json().note
  expect((await ask('/api/team/acme/notes', { bearer })).json().notes).toContainEqual(
    expect.objectContaining({ id, text }),
  )
  const page = await ask('/team/globex', { cookies: other })
  expect(page.text).not.toContain(text)
})

test('only the author of a note deletes it', async () => {
  const author = await edsger()
  const text = `note ${crypto.randomUUID()}`
  const written = await ask('/api/team/acme/notes', {
    method: 'POST',
    bearer: author.stytch_b2b_session_jwt,
    body: JSON.stringify({ text }),
  })
  const { id } = written.json().note
  const colleague = await memberSessionCookies('alonzo@acme.example', 'acme')
  for (const [cookies, isDeleted] of [
    [colleague, false],
    [author, true],
  ] as const) {
    const fields = formOf((await ask('/team/acme', { cookies })).text, 'Notes of the team')
    await postForm('/team/acme', { ...fields, id }, cookies)
    expect((await notesOf('acme')).includes(text)).toBe(!isDeleted)
  }
})

test('refuses a note from another site with the cookies of a member (CSRF)', async () => {
  const cookies = await edsger()
  const body = JSON.stringify({ text: 'from another site' })
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: urls.app, 'sec-fetch-site': 'cross-site' },
    {} as Record<string, string>,
  ]) {
    const answer = await ask('/api/team/acme/notes', { method: 'POST', cookies, body, headers })
    expect(answer.status).toBe(403)
    expect(answer.json().error.code).toBe('cross_origin')
  }
  const own = { origin: urls.app, 'sec-fetch-site': 'same-origin' }
  const answer = await ask('/api/team/acme/notes', { method: 'POST', cookies, body, headers: own })
  expect(answer.status, answer.text).toBe(201)
})

test('refuses the session of a consumer on the pages and the API of a team', async () => {
  const { stytch_session = '', stytch_session_jwt = '' } = await stytchCookies('ada@example.com')
  for (const cookies of [
    { stytch_session, stytch_session_jwt } as Record<string, string>,
    // The same tokens under the names of the other cookies.
    { stytch_b2b_session: stytch_session, stytch_b2b_session_jwt: stytch_session_jwt },
  ]) {
    const page = await ask('/team/acme', { cookies })
    expect(page.status).toBe(307)
    expect(page.headers.get('location')).toContain('/team/acme/login')
    expect((await ask('/api/team/acme/me', { cookies })).status).toBe(401)
  }
  expect((await ask('/api/team/acme/me', { bearer: stytch_session_jwt })).status).toBe(401)
})

test('refuses the session of a member on the pages and the API of consumers', async () => {
  const { stytch_b2b_session = '', stytch_b2b_session_jwt = '' } = await edsger()
  for (const cookies of [
    { stytch_b2b_session, stytch_b2b_session_jwt } as Record<string, string>,
    { stytch_session: stytch_b2b_session, stytch_session_jwt: stytch_b2b_session_jwt },
  ]) {
    const page = await ask('/dashboard', { cookies })
    expect(page.status).toBe(307)
    expect(page.headers.get('location')).toContain('/login')
    expect((await ask('/api/me', { cookies })).status).toBe(401)
  }
  expect((await ask('/api/me', { bearer: stytch_b2b_session_jwt })).status).toBe(401)
})

test('answers 404 for an organization that no provider knows', async () => {
  const cookies = await edsger()
  expect((await ask('/team/nowhere/login', { cookies })).status).toBe(404)
  const answer = await ask('/api/team/nowhere/me', { cookies })
  expect([answer.status, answer.json().error.code]).toEqual([404, 'organization_unknown'])
})

test('leads nobody from the sign-in to a team to another site', async () => {
  const cookies = await edsger()
  const foreign = encodeURIComponent('//evil.example')
  for (const path of [`/team/login?returnTo=${foreign}`, `/team/acme/login?returnTo=${foreign}`]) {
    const page = await ask(path, { cookies })
    expect(page.status).toBe(200)
    expect(page.text).not.toContain('href="//evil.example')
  }
})
