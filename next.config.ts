import type { NextConfig } from 'next'

const config: NextConfig = {
  poweredByHeader: false,
  typedRoutes: true,
  agentRules: false,
  // The middleware must see which requests are prefetches; Next hides those headers otherwise.
  skipProxyUrlNormalize: true,
  experimental: { authInterrupts: true, agentUpgrade: false },
  // Both load WebAssembly and native files by path, which a bundle would move.
  serverExternalPackages: ['@electric-sql/pglite', 'pg'],
  turbopack: { root: import.meta.dirname },
}

export default config
