import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { findChromium } from './e2e/chromium.ts'
// Before the settings, which read the ports when they are loaded.
import { databaseControl, databaseUrl } from './e2e/environment.ts'
import { appEnvironment, ports, urls } from './sandbox/settings.ts'

// Looked for once: the workers load this file too.
process.env.CHROMIUM_PATH ??= findChromium() ?? undefined

// An editor's test runner may start us on another Node.
const node = JSON.stringify(join(import.meta.dirname, 'node_modules/node/bin/node'))
const gracefulShutdown = { signal: 'SIGTERM', timeout: 5_000 } as const
// Set even though it is the default for most: stand-ins refuse to run in production.
const standInEnvironment = { NODE_ENV: 'development' }

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  // The policy, the clocks and the faults belong to one app and two stand-ins that all tests share.
  workers: 1,
  fullyParallel: false,
  // A test that passes the second time has found something.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [
    ['list'],
    ['json', { outputFile: 'test-results/playwright.json' }],
    ['html', { open: 'never' }],
  ],
  use: {
    baseURL: urls.app,
    trace: 'retain-on-failure',
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
  projects: [{ name: 'chromium', use: { browserName: 'chromium' } }],
  webServer: [
    {
      name: 'Auth0 stand-in',
      command: `${node} sandbox/auth0/server.ts`,
      url: `${urls.auth0}/_sandbox/health`,
      env: standInEnvironment,
      reuseExistingServer: false,
      gracefulShutdown,
    },
    {
      name: 'Stytch stand-in',
      command: `${node} sandbox/stytch/server.ts`,
      url: `${urls.stytch}/_sandbox/health`,
      env: standInEnvironment,
      reuseExistingServer: false,
      gracefulShutdown,
    },
    {
      name: 'database',
      command: `${node} e2e/database.ts`,
      url: `${databaseControl}/_sandbox/health`,
      env: standInEnvironment,
      reuseExistingServer: false,
      gracefulShutdown,
    },
    {
      name: 'app',
      command: `${node} node_modules/next/dist/bin/next start -p ${ports.app} -H localhost`,
      url: `${urls.app}/api/health`,
      env: { ...appEnvironment, NODE_ENV: 'production', DATABASE_URL: databaseUrl },
      reuseExistingServer: false,
      gracefulShutdown,
    },
  ],
})
