import { createServer } from 'node:http'
import { urls } from '../../../sandbox/settings.ts'
import { latestPolicy } from '../../steps/policies.ts'
import { readerKey } from '../../steps/policy-api.ts'
import { ask } from '../../steps/request.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { submit } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import type { RunningApp } from '../../world/app.ts'
import { listen } from '../../world/listen.ts'
import { untilInForce } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

/** The control room when `POLICY_URL` names another store for the policy. */

const ada = 'ada@example.com'
/** One worker runs both tests, so that they share one further app. */
test.describe.configure({ mode: 'default' })

/** The other store. It answers with the policy of this world's app until a test closes it. */
const store = createServer(async (request, response) => {
  const { authorization = '' } = request.headers
  const answer = await fetch(`${urls.app}/api/policy`, { headers: { authorization } })
  response.writeHead(answer.status, { 'content-type': 'application/json' })
  response.end(await answer.text())
})
let app: RunningApp
test.beforeAll(async ({ world }) => {
  app = await world.startApp({ POLICY_URL: `http://localhost:${await listen(store)}/` })
})
test.afterAll(async () => {
  store.close()
  await app.stop()
})

const read = async (path: string, cookies: Record<string, string>) =>
  (await ask(path, { base: app.url, cookies })).text

test.describe('with the store there', () => {
  test.use({ policy: rolling({ percent: 33 }) })

  test('every page of the control room is read-only and says so, and the action changes nothing', async () => {
    const { version } = await latestPolicy()
    await untilInForce(version, app.url)
    const cookies = await stytchCookies(ada)
    const shown = 'About 33% of visitors get the Stytch login'
    const policy = await read('/control/policy', cookies)
    expect(policy).toContain(shown)
    expect(policy).toContain('Read-only: the policy is not stored here')
    expect(policy).not.toContain('expectedVersion')
    expect(await read('/control/policy?start=zero-downtime', cookies)).not.toContain(
      'expectedVersion',
    )
    expect(await read('/control', cookies)).not.toContain('Roll back')
    expect(await read('/control/history', cookies)).toContain('The history is not stored here')
    const fields = {
      cohort: 'everybody',
      carrySessions: 'no',
      intent: 'confirm',
      expectedVersion: String(version),
    }
    const { result } = await submit('changePolicy', '/control/policy', fields, {
      base: app.url,
      cookies,
    })
    expect(result.problem.code).toBe('policy_elsewhere')
    expect((await latestPolicy()).version).toBe(version)
  })
})

test('refuses to pass the policy on, because the reader may be this app under another name', async () => {
  const answer = await ask('/api/policy', { base: app.url, bearer: readerKey })
  expect(answer.status).toBe(508)
  expect(answer.json().error.code).toBe('policy_loop')
})

test.describe('with the store down', () => {
  test.use({ policy: rolling({ percent: 44 }) })

  test('the control room shows the last known policy and all figures', async () => {
    await untilInForce((await latestPolicy()).version, app.url)
    const cookies = await stytchCookies(ada)
    expect(await read('/control', cookies)).toContain('About 44% of visitors')
    store.close()
    store.closeAllConnections()
    for (const path of ['/control', '/control/policy']) {
      const text = await read(path, cookies)
      expect(text, path).toContain('About 44% of visitors')
      expect(text, path).not.toContain('The database does not answer')
    }
  })
})
