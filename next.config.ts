import type { NextConfig } from 'next'

const config: NextConfig = {
  poweredByHeader: false,
  typedRoutes: true,
  agentRules: false,
  experimental: { authInterrupts: true, agentUpgrade: false },
  // Both load WebAssembly and native files by path, which a bundle would move.
  serverExternalPackages: ['@electric-sql/pglite', 'pg'],
  turbopack: { root: import.meta.dirname },
}

export default config
