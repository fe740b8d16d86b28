import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: {
      '@': import.meta.dirname,
      // This package throws outside of Next's server bundles, so the tests load its empty module.
      'server-only': `${import.meta.dirname}/node_modules/server-only/empty.js`,
    },
  },
  test: {
    environment: 'node',
    include: ['{lib,sandbox,e2e,docs}/**/*.test.ts', 'app/**/*.test.{ts,tsx}'],
    watch: false,
    globalSetup: 'sandbox/vitest-postgres.ts',
    // The timeouts are long, because the machine may be busy. They measure nothing.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Vitest's default of a second would measure the machine.
    expect: { poll: { timeout: 20_000 } },
    // Most tests start their own server and wait for it. On two cores, more workers are slower.
    maxWorkers: 2,
  },
})
