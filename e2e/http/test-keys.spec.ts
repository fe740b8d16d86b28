import { stytchProject } from '../../sandbox/settings.ts'
import { ask } from '../steps/request.ts'
import { expect, test } from '../world/test.ts'

/** Deployments on the wrong keys. */

test('an app on test keys at a public https address starts, and warns in its log and in health', async ({
  startApp,
}) => {
  const app = await startApp({
    SANDBOX: 'false',
    APP_BASE_URL: 'https://app.example.com',
    STYTCH_API_URL: '',
  })
  const health = await ask('/api/health', { base: app.url })
  expect(health.json()).toMatchObject({
    environment: 'test',
    stytchProject: stytchProject.projectId,
    warning: 'test_keys_on_public_address',
  })
  expect(app.output()).toContain(
    `Cutover: environment test, Stytch project ${stytchProject.projectId}, Auth0 tenant localhost:`,
  )
  expect(app.output()).toContain('WARNING (test_keys_on_public_address)')
})

test('an app that does not name its environment does not start on test keys', async ({
  startApp,
}) => {
  const start = startApp({ SANDBOX: 'false', STYTCH_PROJECT_ENV: '' })
  await expect(start).rejects.toThrow(/STYTCH_PROJECT_ENV must be "test" or "live"/)
})
