import { randomUUID } from 'node:crypto'
import { defineConfig } from '@playwright/test'
import { findChromium } from './e2e/chromium.ts'
// Before the settings, which read the ports when they are loaded.
import { workers } from './e2e/world/environment.ts'

// Looked for once: the workers load this file too.
process.env.CHROMIUM_PATH ??= findChromium() ?? undefined

/** Against Stytch itself, with a person's own keys: the specs that ask nothing of the stand-in. */
const isReal = process.env.STYTCH_REAL === '1'
// Drawn once: the workers load this file too, and the specs put a policy in force with it.
if (isReal) process.env.E2E_CONTROL_TOKEN ??= randomUUID()

export default defineConfig<object, { mirror: boolean }>({
  globalSetup: './e2e/world/global-setup.ts',
  // Each has a world of its own, see e2e/world/world.ts. So any test can run beside any other.
  workers: isReal ? 1 : workers,
  fullyParallel: !isReal,
  // A test that passes the second time has found something.
  retries: 0,
  // They end what hangs. A machine may be busy, so what has to be fast is measured where it is promised.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [
    ['list'],
    ['json', { outputFile: 'test-results/playwright.json' }],
    ['html', { open: 'never' }],
  ],
  use: {
    // A trace costs each test, and tells little that the attachments of a failed one do not: the page, a
    // picture, the output of the app and the requests at the stand-ins. For more: `--trace on`.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH,
      args: [
        // Chromium has no sandbox of its own as root, as in most containers.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        // Nothing here needs the internet, and a browser that asks for it waits.
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        '--disable-gpu',
        '--disable-quic',
      ],
    },
  },
  // In this order. Its first tests are the longest and its last ones the shortest, so that no worker runs alone
  // at the end.
  projects: isReal
    ? [{ name: 'browser', testDir: 'e2e/browser', testMatch: '**/sandbox-values.spec.ts' }]
    : [
        // One worker is busy with it for as long as the others are with the browser tests.
        { name: 'mirror', testDir: 'e2e/mirror', use: { mirror: true }, workers: 1 },
        { name: 'browser', testDir: 'e2e/browser' },
        { name: 'http', testDir: 'e2e/http' },
      ],
})
