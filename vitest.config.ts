import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/** The stand-ins keep all state in their servers. So a worker loads their large packages once for all these tests. */
const standIns = 'sandbox/{auth0,stytch}/**/*.test.ts'
/** Stytch's browser SDKs look for the globals of a browser when they are loaded, so each file needs its own process. */
const browserSdks = 'sandbox/stytch/**/frontend-api.test.ts'
/** These tests build copies of the app. `npm test` runs them beside the browser tests. */
const copies = 'e2e/{after-the-migration,one-audience}.test.ts'

const shared: TestProjectInlineConfiguration = {
  resolve: {
    alias: {
      '@': import.meta.dirname,
      // This package throws outside of Next's server bundles, so the tests load its empty module.
      'server-only': `${import.meta.dirname}/node_modules/server-only/empty.js`,
    },
  },
}
const globalSetup = 'sandbox/vitest-postgres.ts'
// The timeouts are long, because the machine may be busy. They measure nothing.
const timeouts = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // Vitest's default of a second would measure the machine.
  expect: { poll: { timeout: 20_000 } },
}

export default defineConfig({
  test: {
    watch: false,
    // Most tests start their own server and wait for it. On two cores, more workers are slower.
    maxWorkers: 2,
    projects: [
      {
        ...shared,
        test: {
          ...timeouts,
          name: 'app',
          include: ['{lib,sandbox,e2e,docs}/**/*.test.ts', 'app/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, standIns, copies],
          globalSetup,
          // A new process for each file would load the packages again, which takes longer than most tests.
          isolate: false,
          setupFiles: 'sandbox/vitest-fresh-state.ts',
        },
      },
      { ...shared, test: { ...timeouts, name: 'copies', include: [copies], globalSetup } },
      {
        ...shared,
        test: {
          ...timeouts,
          name: 'stand-ins',
          include: [standIns],
          exclude: [...configDefaults.exclude, browserSdks],
          isolate: false,
        },
      },
      { ...shared, test: { ...timeouts, name: 'browser-sdks', include: [browserSdks] } },
    ],
  },
})
