import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { defineConfig } from '@playwright/test'
import { findChromium } from './e2e/chromium.ts'
// Before the settings, which read the ports when they are loaded.
import { databaseControl, databaseUrl, proxiedPort, proxiedUrl } from './e2e/environment.ts'
import { appEnvironment, ports, urls } from './sandbox/settings.ts'

// Looked for once: the workers load this file too.
process.env.CHROMIUM_PATH ??= findChromium() ?? undefined

/** Against Stytch itself, with a person's own keys: the specs that ask nothing of the stand-in. */
const isReal = process.env.STYTCH_REAL === '1'
// Drawn once: the workers load this file too, and the specs put a policy in force with it.
if (isReal) process.env.E2E_CONTROL_TOKEN ??= randomUUID()

/**
 * With the mirror on, each person who is seen first causes calls at Auth0 a moment later. Specs that count
 * what the providers were asked run without it, and those that need it in a run of its own.
 */
const isMirror = process.env.E2E_MIRROR === '1'
const mirrorSpecs = '**/{mirror,rollback}.spec.ts'
const withoutMirror = { AUTH0_MANAGEMENT_CLIENT_ID: '', AUTH0_MANAGEMENT_CLIENT_SECRET: '' }

/** What then takes the place of the stand-in's settings. Auth0 stays a stand-in: it has no part in these specs. */
function realStytch(): Record<string, string> {
  const file = join(import.meta.dirname, '.env-test')
  const keys = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  const names = ['STYTCH_PROJECT_ID', 'STYTCH_SECRET', 'STYTCH_PUBLIC_TOKEN'] as const
  const missing = names.filter((name) => !/-test-/.test(keys[name] ?? ''))
  if (missing.length > 0 || (keys.STYTCH_PROJECT_ENV ?? 'test') !== 'test') {
    throw new Error(
      `STYTCH_REAL=1 needs the keys of a Stytch test project in .env-test; not there: ${missing.join(', ') || 'STYTCH_PROJECT_ENV=test'}. See .env-test.example.`,
    )
  }
  return {
    ...Object.fromEntries(names.map((name) => [name, keys[name] ?? ''])),
    SANDBOX: 'false',
    STYTCH_API_URL: '',
    CONTROL_TOKEN: process.env.E2E_CONTROL_TOKEN ?? '',
  }
}

// An editor's test runner may start us on another Node.
const node = JSON.stringify(join(import.meta.dirname, 'node_modules/node/bin/node'))
const gracefulShutdown = { signal: 'SIGTERM', timeout: 5_000 } as const
// Set even though it is the default for most: stand-ins refuse to run in production.
const standInEnvironment = { NODE_ENV: 'development' }

export default defineConfig({
  testDir: 'e2e',
  testMatch: isReal ? '**/sandbox-values.spec.ts' : isMirror ? mirrorSpecs : '**/*.spec.ts',
  testIgnore: isMirror ? [] : mirrorSpecs,
  // The policy, the clocks and the faults belong to one app and two stand-ins that all tests share.
  workers: 1,
  fullyParallel: false,
  // A test that passes the second time has found something.
  retries: 0,
  // They end what hangs. A machine may be busy, so what has to be fast is measured where it is promised.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [
    ['list'],
    ['json', { outputFile: `test-results/${isMirror ? 'mirror' : 'playwright'}.json` }],
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
    ...(isReal
      ? []
      : [
          {
            name: 'Stytch stand-in',
            command: `${node} sandbox/stytch/server.ts`,
            url: `${urls.stytch}/_sandbox/health`,
            env: standInEnvironment,
            reuseExistingServer: false,
            gracefulShutdown,
          },
        ]),
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
      // Not its health with a real Stytch: where that is out of reach, the specs say it better.
      url: isReal ? `${urls.app}/login` : `${urls.app}/api/health`,
      env: {
        ...appEnvironment,
        ...(isReal ? realStytch() : {}),
        ...(isMirror ? {} : withoutMirror),
        NODE_ENV: 'production',
        DATABASE_URL: databaseUrl,
      },
      reuseExistingServer: false,
      gracefulShutdown,
    },
    ...(isReal || isMirror
      ? []
      : [
          {
            name: 'app behind a proxy',
            command: `${node} node_modules/next/dist/bin/next start -p ${proxiedPort} -H localhost`,
            url: `${proxiedUrl}/api/health`,
            env: {
              ...appEnvironment,
              ...withoutMirror,
              APP_BASE_URL: proxiedUrl,
              TRUSTED_PROXY_HOPS: '1',
              GEO_COUNTRY_HEADER: 'x-geo-country',
              NODE_ENV: 'production',
              DATABASE_URL: databaseUrl,
            },
            reuseExistingServer: false,
            gracefulShutdown,
          },
        ]),
  ],
})
