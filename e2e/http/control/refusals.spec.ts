import { urls } from '../../../sandbox/settings.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { latestPolicy } from '../../steps/policies.ts'
import { ask } from '../../steps/request.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { encoded, hiddenFields, submit } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

const ada = 'ada@example.com'

const allAtOnce = (version: number) => ({
  cohort: 'everybody',
  carrySessions: 'no',
  intent: 'confirm',
  expectedVersion: String(version),
})

const pages = ['', '/policy', '/history', '/mirror', '/backfill', '/switch-off'].map(
  (path) => `/control${path}`,
)
/** Each action, its page, and the fields of a harmful form. */
const actions: [name: string, path: string, fields: Record<string, string>][] = [
  ['changePolicy', '/control/policy', {}],
  ['pinThisDevice', '/control/policy', { pin: 'stytch' }],
  ['retryJob', '/control/mirror', { id: crypto.randomUUID() }],
  ['retryAllNow', '/control/mirror', {}],
  ['changePause', '/control/backfill', { runId: 'run_1', intent: 'pause' }],
]
const secrets =
  /Policy in force|Dial 1|The history is append-only|The mirror is off|No run yet|Check list/

test('refuses every page to everybody but an operator', async () => {
  for (const path of pages) {
    const anonymous = await ask(path)
    expect(anonymous.status, path).toBe(307)
    expect(anonymous.headers.get('location')).toContain('/login')
    expect(secrets.test(anonymous.text), path).toBe(false)
    for (const credentials of [
      { cookies: await stytchCookies('grace@example.com') },
      { cookies: await legacyCookies('grace@example.com') },
      // A genuine token of Ada, issued to a foreign client.
      { bearer: await auth0.token(ada, { claims: { azp: 'somebody-elses-app' } }) },
    ]) {
      const answer = await ask(path, credentials)
      expect(answer.status, path).toBe(403)
      expect(secrets.test(answer.text), path).toBe(false)
    }
    // The operator gets the page, so the app refused the others for their credentials.
    const hers = await ask(path, { cookies: await stytchCookies(ada) })
    expect(hers.status, path).toBe(200)
    expect(secrets.test(hers.text), path).toBe(true)
  }
})

test('refuses every action to everybody but an operator', async () => {
  const before = await latestPolicy()
  for (const [action, path, fields] of actions) {
    const sent = action === 'changePolicy' ? allAtOnce(before.version) : fields
    const anonymous = await submit(action, path, sent)
    expect(anonymous.headers.get('x-action-redirect'), action).toContain('/login')
    for (const credentials of [
      { cookies: await stytchCookies('grace@example.com') },
      { cookies: await legacyCookies('grace@example.com') },
      { bearer: await auth0.token(ada, { claims: { azp: 'somebody-elses-app' } }) },
    ]) {
      const answer = await submit(action, path, sent, credentials)
      expect(answer.status, action).toBe(403)
      expect(answer.result).toBeUndefined()
    }
  }
  expect(await latestPolicy()).toEqual(before)
})

test('refuses to pin the device of a user who is not an operator', async () => {
  await putPolicy(rolling({ percent: 0 }))
  /** Posts the pin, and returns the reason of the flow with the flag cookie of the answer. */
  const flowAfter = async (cookies: Record<string, string>) => {
    const answer = await submit('pinThisDevice', '/control/policy', { pin: 'stytch' }, { cookies })
    const flag = answer.headers
      .getSetCookie()
      .findLast((line) => line.startsWith('auth_flow='))
      ?.split(';')[0]
    return (await ask('/api/me', { cookies: flag })).json().flow.reason
  }
  expect(await flowAfter({})).toBe('percent')
  expect(await flowAfter(await stytchCookies('grace@example.com'))).toBe('percent')
  expect(await flowAfter(await stytchCookies(ada))).toBe('pin')
})

test("refuses an operator's cookie on a post from another site, at every action (CSRF)", async () => {
  const cookies = await stytchCookies(ada)
  const before = await latestPolicy()
  for (const [action, path, fields] of actions) {
    const sent = action === 'changePolicy' ? allAtOnce(before.version) : fields
    for (const origin of [
      'https://evil.example',
      'null',
      `${urls.app}.evil.example`,
      urls.app.replace(/\d+$/, '1'),
    ]) {
      const answer = await submit(action, path, sent, { cookies, headers: { origin } })
      expect(answer.status, `${action} from ${origin}`).toBeGreaterThanOrEqual(400)
      expect(answer.result).toBeUndefined()
    }
    // The app also checks the fetch metadata of the browser, beside the origin.
    for (const site of ['cross-site', 'same-site']) {
      const headers = { 'sec-fetch-site': site }
      const answer = await submit(action, path, sent, { cookies, headers })
      expect(answer.status, `${action} from a ${site} page`).toBe(403)
    }
  }
  expect(await latestPolicy()).toEqual(before)
  // The same posts from our own pages succeed, so the app refused the origin.
  for (const [action, path, fields] of actions.slice(1)) {
    expect((await submit(action, path, fields, { cookies })).status, action).toBe(200)
  }
  await submit('changePolicy', '/control/policy', allAtOnce(before.version), { cookies })
  expect((await latestPolicy()).version).toBe(before.version + 1)
})

test("refuses an operator's cookie on a form from another site, which needs no script (CSRF)", async () => {
  const cookies = await stytchCookies(ada)
  const before = await latestPolicy()
  const { text } = await ask('/control/policy?start=all-at-once', { cookies })
  const form = text.match(/<form.*?<\/form>/gs)?.find((each) => each.includes('expectedVersion'))
  const fields = new FormData()
  for (const [name, value] of Object.entries(hiddenFields(form ?? ''))) fields.append(name, value)
  fields.append('intent', 'confirm')
  const { body, type } = await encoded(fields)
  const send = (origin: string) =>
    ask('/control/policy', {
      method: 'POST',
      cookies,
      body,
      headers: { 'content-type': type, origin },
    })
  expect((await send('https://evil.example')).status).toBeGreaterThanOrEqual(400)
  expect(await latestPolicy()).toEqual(before)
  expect((await send(urls.app)).status).toBe(303)
  expect((await latestPolicy()).version).toBe(before.version + 1)
})

test('refuses a confirmation without a version, with an old one, or with invalid fields', async () => {
  const cookies = await stytchCookies(ada)
  const before = await latestPolicy()
  const good = allAtOnce(before.version)
  for (const fields of [
    { ...good, expectedVersion: '' },
    { ...good, expectedVersion: '-1' },
    { ...good, expectedVersion: String(before.version - 1) },
    { ...good, expectedVersion: String(before.version + 1) },
    { ...good, cohort: 'admin' },
    { ...good, cohort: 'rules', percent: '1e9' },
    { ...good, carrySessions: '' },
    { ...good, intent: 'preview' },
    { ...good, intent: '' },
  ])
    await submit('changePolicy', '/control/policy', fields, { cookies })
  expect(await latestPolicy()).toEqual(before)
  await submit('changePolicy', '/control/policy', good, { cookies })
  expect((await latestPolicy()).version).toBe(before.version + 1)
})
