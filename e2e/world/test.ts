import { test as base, expect } from '@playwright/test'
import { urls } from '../../sandbox/settings.ts'
import { type RunningApp, withMirror } from './app.ts'
import { auth0 } from './auth0.ts'
import { database } from './database.ts'
import {
  chooseLegacyProvider,
  isInHouse,
  type LegacyProviderName,
  legacyEnvironment,
} from './legacy-provider.ts'
import { type Preset, putPolicy } from './policy.ts'
import { collectPolicyViolations } from './policy-violations.ts'
import { isRealStytch } from './real-stytch.ts'
import { stytch } from './stytch.ts'
import { startWorld, type World } from './world.ts'

export { expect } from '@playwright/test'

type WorkerFixtures = {
  /** True in the tests of the mirror only, see {@link withMirror}. */
  mirror: boolean
  legacyProvider: LegacyProviderName
  world: World
  /** A second app of the world, which stands behind a declared proxy. */
  proxiedApp: RunningApp
}
type TestFixtures = {
  /** The policy that is in force when the test begins. */
  policy: Preset | object
  freshWorld: undefined
  /** The violations of the Content Security Policy in this test. A test that leaves one in the list fails. */
  policyViolations: string[]
  /** Attaches the output of the app and the requests at the stand-ins to a failed test. */
  whatHappened: undefined
  /** Starts a further app for one test. It has sent no request to a provider yet. */
  startApp: World['startApp']
}

/** The violations in the browser of this worker. */
const violations: string[] = []

const standIns = Object.entries(isRealStytch ? { auth0 } : { auth0, stytch })

/**
 * Every test begins with freshly seeded stand-ins and the policy that it names. The fixture deletes sessions,
 * notes, claims, events and the counts of the rate limits. Accounts stay.
 */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  mirror: [false, { option: true, scope: 'worker' }],
  legacyProvider: ['auth0', { option: true, scope: 'worker' }],
  world: [
    async ({ mirror, legacyProvider }, use, { workerIndex }) => {
      chooseLegacyProvider(legacyProvider)
      const environment = { ...(mirror ? withMirror : {}), ...legacyEnvironment() }
      const world = await startWorld(`world_${workerIndex}`, environment)
      await use(world)
      await world.stop()
    },
    { scope: 'worker', auto: true, timeout: 60_000 },
  ],
  proxiedApp: [
    async ({ world }, use) => {
      const app = await world.startApp({
        TRUSTED_PROXY_HOPS: '1',
        GEO_COUNTRY_HEADER: 'x-geo-country',
      })
      await use(app)
      await app.stop()
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  browser: [
    async ({ browser }, use) => {
      collectPolicyViolations(browser, violations)
      await use(browser)
    },
    { scope: 'worker' },
  ],
  // It does not depend on the browser, because the tests over HTTP must start none.
  policyViolations: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's destructuring.
    async ({}, use) => {
      violations.splice(0)
      await use(violations)
      expect(violations, 'violations of the Content Security Policy').toEqual([])
    },
    { auto: true },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's destructuring.
  baseURL: async ({}, use) => use(urls.app),
  policy: ['before-the-migration', { option: true }],
  whatHappened: [
    async ({ world }, use, testInfo) => {
      await use(undefined)
      if (testInfo.status === testInfo.expectedStatus) return
      const attach = (name: string, body: string) =>
        testInfo.attach(name, { body, contentType: 'text/plain' })
      await attach('output of the app', world.app.output())
      for (const [name, standIn] of standIns)
        await attach(`requests at ${name}`, JSON.stringify(await standIn.requests(), null, 1))
    },
    { auto: true },
  ],
  freshWorld: [
    async ({ world: _, policy }, use) => {
      await database.setUp(true)
      await Promise.all([
        ...standIns.map(([, standIn]) => standIn.reset()),
        database.query(
          `delete from notes; delete from claims; delete from events; delete from revocations; delete from rate_limits; delete from organizations;
           delete from pgboss.job where name = 'revocation'`,
        ),
        ...(isInHouse() ? [database.seedInHouse()] : []),
      ])
      await putPolicy(policy)
      await Promise.all(standIns.map(([, standIn]) => standIn.forgetRequests()))
      await use(undefined)
    },
    { auto: true },
  ],
  startApp: async ({ world }, use) => {
    const started: RunningApp[] = []
    await use(async (environment) => {
      const app = await world.startApp(environment)
      started.push(app)
      return app
    })
    await Promise.all(started.map((app) => app.stop()))
  },
})
