import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: {
      '@': import.meta.dirname,
      // Outside of Next's server bundles this package throws, which is its whole purpose.
      'server-only': `${import.meta.dirname}/node_modules/server-only/empty.js`,
    },
  },
  test: {
    environment: 'node',
    include: ['{lib,sandbox,e2e,docs}/**/*.test.ts', 'app/**/*.test.{ts,tsx}'],
    watch: false,
    globalSetup: 'sandbox/vitest-postgres.ts',
    // Not a measure of anything: a machine may be busy.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Most tests wait for a server that they started themselves; more only fight for two cores.
    maxWorkers: 2,
  },
})
