import { randomUUID } from 'node:crypto'
import { defineConfig } from '@playwright/test'
import { findChromium } from './e2e/chromium.ts'
// Import this before the settings, which read the ports when they are loaded.
import { workers } from './e2e/world/environment.ts'

// The main process looks for Chromium once. The workers load this file too, and inherit the path.
process.env.CHROMIUM_PATH ??= findChromium() ?? undefined

/** True if the tests run against Stytch itself, with your own keys. Only specs without the stand-in run then. */
const isReal = process.env.STYTCH_REAL === '1'
// The main process draws the token once. The workers inherit it, and the specs change the policy with it.
if (isReal) process.env.E2E_CONTROL_TOKEN ??= randomUUID()

export default defineConfig<object, { mirror: boolean; legacyProvider: 'auth0' | 'in-house' }>({
  globalSetup: './e2e/world/global-setup.ts',
  // Each worker has its own world, see e2e/world/world.ts. So any test can run beside any other.
  workers: isReal ? 1 : workers,
  fullyParallel: !isReal,
  // A retry would hide a race: a test that passes the second time has found one.
  retries: 0,
  // These timeouts only end a hanging test. The tests of a promised time measure it themselves.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [
    ['list'],
    ['json', { outputFile: 'test-results/playwright.json' }],
    ['html', { open: 'never' }],
  ],
  use: {
    // A trace slows each test down. A failed test already attaches the page, a picture, the output of the app
    // and the requests at the stand-ins. `--trace on` records more.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH,
      args: [
        // Chromium refuses to start as root with its sandbox. Most containers run as root.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        // No test needs the internet. Without these flags, a browser without internet waits for it.
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        '--disable-gpu',
        '--disable-quic',
      ],
    },
  },
  // Playwright starts the projects in this order. The longest tests come first and the shortest last, so that
  // no worker runs alone at the end.
  projects: isReal
    ? [{ name: 'browser', testDir: 'e2e/browser', testMatch: '**/sandbox-values.spec.ts' }]
    : [
        // One worker needs as long for the mirror as the others need for the browser tests.
        { name: 'mirror', testDir: 'e2e/mirror', use: { mirror: true }, workers: 1 },
        { name: 'browser', testDir: 'e2e/browser' },
        // The same specs with the other legacy provider. Its mirror is always on.
        {
          name: 'in-house',
          testDir: 'e2e',
          testMatch: [
            'in-house/*.spec.ts',
            'browser/zero-downtime.spec.ts',
            'browser/rolling/*.spec.ts',
            'mirror/rollback.spec.ts',
          ],
          use: { legacyProvider: 'in-house' },
          workers: 1,
        },
        { name: 'http', testDir: 'e2e/http' },
      ],
})
