import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../../../sandbox/free-port.ts'
import { asLegacy, asStytch, shown } from '../../steps/flow.ts'
import { ask } from '../../steps/request.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { listen } from '../../world/listen.ts'
import { expect, test } from '../../world/test.ts'

/** Milliseconds after which the cached policy is stale. The app caches it for up to three seconds. */
const longerThanRemembered = 4_000

test('while the source of the policy is down, the last known policy stays in force, at the edge and in Node', async () => {
  const version = await roll({ percent: 100 })
  const stytchJwt = (await stytchCookies('ada@example.com')).stytch_session_jwt as string
  await ask('/api/me', { bearer: stytchJwt })
  await database.setUp(false)
  try {
    for (
      const deadline = Date.now() + longerThanRemembered;
      Date.now() < deadline;
      await wait(25)
    ) {
      const [edge, node] = await Promise.all([
        ask('/api/me'),
        ask('/api/me', { bearer: stytchJwt }),
      ])
      for (const answer of [edge, node]) {
        expect(answer.json()).toMatchObject({ policyVersion: version, flow: asStytch('percent') })
      }
      expect(shown(await ask('/login'))).toBe('stytch')
    }
  } finally {
    await database.setUp(true)
  }
})

test('an app that starts without the source of the policy shows the legacy login, until the source has answered once', async ({
  startApp,
}) => {
  const policy = { cohort: 'everybody', carrySessions: true, note: '', version: 7 }
  const source = createServer((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(policy))
  })
  const close = () =>
    new Promise((resolve) => {
      source.close(resolve)
      source.closeAllConnections()
    })
  const port = await freePort()

  const { url: base } = await startApp({ POLICY_URL: `http://localhost:${port}/policy` })
  try {
    const bearer = (await stytchCookies('ada@example.com')).stytch_session_jwt as string
    /** The flow that the edge and Node report. */
    const seen = async () => {
      const answers = await Promise.all([
        ask('/api/me', { base }),
        ask('/api/me', { base, bearer }),
      ])
      return answers.map((answer) => answer.json() as { flow: object; policyVersion: number })
    }
    const cold = { flow: asLegacy('nobody'), policyVersion: 0 }
    expect(await seen()).toMatchObject([cold, cold])
    expect(shown(await ask('/login', { base }))).toBe('legacy')

    await listen(source, port)
    const known = { flow: asStytch('everybody'), policyVersion: 7 }
    await expect.poll(seen).toMatchObject([known, known])
    await close()
    for (
      const deadline = Date.now() + longerThanRemembered;
      Date.now() < deadline;
      await wait(25)
    ) {
      expect(await seen()).toMatchObject([known, known])
    }
  } finally {
    await close()
  }
})

test('an app that starts while the legacy provider is down says so on its login page', async ({
  startApp,
}) => {
  const { url: base } = await startApp()
  await auth0.setFaults([{ path: '/*', status: 503 }])
  const begun = await ask('/auth/login?returnTo=%2Fdashboard%3Fa%3D1', { base })
  expect(begun.status).toBe(307)
  const { pathname, search } = new URL(begun.headers.get('location') ?? '', base)
  expect(pathname + search).toBe(
    `/login?${new URLSearchParams({ problem: 'legacy_sign_in_failed', returnTo: '/dashboard?a=1' })}`,
  )
  const said = await ask(pathname + search, { base })
  expect(said.status).toBe(200)
  expect(said.text).toContain('Sign-in failed')
  expect(shown(said)).toBe('legacy')
})
