import { demoPassword } from '../../../sandbox/settings.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { codeFor } from '../../steps/login.ts'
import { newAddress } from '../../steps/people.ts'
import { type Answer, ask } from '../../steps/request.ts'
import { act, submit } from '../../steps/server-action.ts'
import { requestCode, signUp, tryCode, tryPassword } from '../../steps/sign-in-over-http.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

const refused = { problem: { code: 'too_many_attempts' } }
const minutes = /^Too many attempts\. Try again in \d+ (?:minutes?|seconds?)\.$/

/** The number of requests that Stytch has got at a path. */
const callsOf = async (path: string) =>
  (await stytch.requests()).filter((request) => request.path.includes(path)).length

const wrongCode = (code: string, n: number) =>
  String((Number(code) + 1 + n) % 1_000_000).padStart(6, '0')
const network = (address: string) => ({ 'x-forwarded-for': address })

test('refuses the right code after 40 wrong ones, and asks Stytch about five', async () => {
  const email = newAddress()
  const { cookies } = await requestCode(email)
  const code = await codeFor(email)
  await Promise.all(Array.from({ length: 40 }, (_, n) => tryCode(cookies, wrongCode(code, n))))
  expect(await callsOf('/otps/authenticate')).toBe(5)
  const right = await tryCode(cookies, code)
  expect(right.result).toMatchObject(refused)
  expect(right.result.problem.message).toMatch(minutes)
  expect(right.sessionCookies).toEqual([])
  // Another person signs in meanwhile.
  const other = newAddress()
  const pending = await requestCode(other)
  expect((await tryCode(pending.cookies, await codeFor(other))).sessionCookies.length).toBe(2)
})

test('refuses the right password after ten wrong ones, and leaves the code open to the owner', async () => {
  const email = 'ada@example.com'
  for (let n = 0; n < 10; n++) {
    expect((await tryPassword(email, `wrong-${n}`)).result.problem.code).not.toBe(
      'too_many_attempts',
    )
  }
  expect((await tryPassword(email, demoPassword)).result).toMatchObject(refused)
  const { cookies } = await requestCode(email)
  expect((await tryCode(cookies, await codeFor(email))).sessionCookies.length).toBe(2)
})

test('refuses a sixth mail to an address, of whichever kind, and sends none', async () => {
  const email = newAddress()
  for (let n = 0; n < 5; n++) expect((await requestCode(email)).cookies).toContain('auth_pending=')
  expect((await requestCode(email)).result).toMatchObject(refused)
  const reset = await submit('requestPasswordReset', '/login?with=reset', { email, returnTo: '/' })
  expect(reset.result).toMatchObject(refused)
  expect((await stytch.inbox()).filter(({ to }) => to === email).length).toBe(5)
})

test('refuses a flood of mails to one mailbox, by tags and by the dots of Gmail', async () => {
  const name = crypto.randomUUID().slice(0, 8)
  const mailbox = [`v${name}@gmail.com`, `v.${name}+1@gmail.com`, `v${name}+2@googlemail.com`]
  for (let n = 0; n < 5; n++) {
    const answer = await requestCode(`v.${name}+${n}@gmail.com`)
    expect(answer.cookies).toContain('auth_pending=')
  }
  for (const email of mailbox) expect((await requestCode(email)).result).toMatchObject(refused)
})

test('refuses a series of wrong OAuth tokens from one network', async ({ proxiedApp }) => {
  const asked = { base: proxiedApp.url, headers: network('203.0.113.21') }
  const guess = (token: string) => submit('completeOAuth', '/authenticate', { token }, asked)
  for (let n = 0; n < 50; n++) {
    expect((await guess(`guess-${n}`)).result.problem.code).not.toBe('too_many_attempts')
  }
  await stytch.forgetRequests()
  expect((await guess('guess-50')).result).toMatchObject(refused)
  expect(await callsOf('/oauth/authenticate')).toBe(0)
})

test('refuses a series of sign-ups and of guesses from one network, at many addresses', async ({
  proxiedApp,
}) => {
  const asked = { base: proxiedApp.url, headers: network('203.0.113.7') }
  const answers: Answer[] = []
  for (let n = 0; n < 20; n++) answers.push(await signUp(newAddress(), asked))
  expect(answers.every(({ sessionCookies }) => sessionCookies.length === 2)).toBe(true)
  const late = await signUp(newAddress(), asked)
  expect((late as { result?: object }).result).toMatchObject(refused)
  const elsewhere = await signUp(newAddress(), { ...asked, headers: network('198.51.100.7') })
  expect(elsewhere.sessionCookies.length).toBe(2)

  for (let n = 0; n < 50; n++) await tryPassword(newAddress(), 'wrong', asked)
  expect((await tryPassword('ada@example.com', demoPassword, asked)).result).toMatchObject(refused)
  const owner = { ...asked, headers: network('198.51.100.7') }
  expect((await tryPassword('ada@example.com', demoPassword, owner)).sessionCookies.length).toBe(2)
})

test('refuses to let a client choose the network that it is counted by', async ({ proxiedApp }) => {
  for (let n = 0; n < 20; n++) {
    const headers = network(`192.0.2.${n}, 203.0.113.8`)
    await signUp(newAddress(), { base: proxiedApp.url, headers })
  }
  const headers = network('192.0.2.99, 203.0.113.8')
  const late = await signUp(newAddress(), { base: proxiedApp.url, headers })
  expect(late.result).toMatchObject(refused)
})

test('refuses more than 60 migrations a minute of one subject with 429 and Retry-After', async () => {
  const bearer = await auth0.token('grace@example.com')
  const migrate = (token: string) => ask('/api/sessions/migrate', { method: 'POST', bearer: token })
  for (let n = 0; n < 60; n++) expect((await migrate(bearer)).status).toBe(200)
  const answer = await migrate(await auth0.token('grace@example.com'))
  expect(answer.status).toBe(429)
  expect(answer.json().error.code).toBe('too_many_attempts')
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60)

  // The page counts by the same subject. The user stays signed in on the legacy lane.
  const cookies = await legacyCookies('grace@example.com')
  const action = await act('migrateSession', '/dashboard', { cookies })
  expect(action.result).toMatchObject({ result: 'waiting', reason: 'too_many_attempts' })
  expect((await ask('/api/me', { cookies })).json().session.lane).toBe('legacy')
  expect((await migrate(await auth0.token('barbara@acme.example'))).status).toBe(200)
})

test('refuses a 31st note within a minute', async () => {
  const cookies = await stytchCookies('ada@example.com')
  const add = (text: string) => submit('addNote', '/dashboard', { text }, { cookies })
  const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => add(`note ${n}`)))
  const codes = answers.map(({ result }) => result?.problem?.code)
  expect(codes.filter((code) => code === 'too_many_attempts').length).toBe(10)
  const saved = await database.query("select 1 from notes where text like 'note %'")
  expect(saved.length).toBe(30)
})

test('refuses a 201st note of an account, also when several arrive at once', async () => {
  const cookies = await stytchCookies('ada@example.com')
  const add = (text: string) => submit('addNote', '/dashboard', { text }, { cookies })
  await add('the first')
  await database.query(
    `insert into notes (id, account_id, text)
     select gen_random_uuid(), account_id, 'one of many' from notes, generate_series(1, 197)`,
  )
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => add(`last ${n}`)))
  const codes = answers.map(({ result }) => result?.problem?.code)
  expect(codes.filter((code) => code === 'too_many_notes').length).toBe(8)
  expect((await database.query('select 1 from notes')).length).toBe(200)
})

test('refuses no sign-in because the database is down, and still limits wrong codes', async () => {
  const email = newAddress()
  const { cookies } = await requestCode(email)
  const code = await codeFor(email)
  await database.setUp(false)
  await Promise.all(Array.from({ length: 12 }, (_, n) => tryCode(cookies, wrongCode(code, n))))
  expect(await callsOf('/otps/authenticate')).toBe(5)
  expect((await tryCode(cookies, code)).result).toMatchObject(refused)
  expect((await tryPassword('ada@example.com', demoPassword)).sessionCookies.length).toBe(2)
})
