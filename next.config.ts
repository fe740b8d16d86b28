import { existsSync } from 'node:fs'
import type { NextConfig } from 'next'

// Your keys: `.env-test` or `.env-live`, whichever STYTCH_PROJECT_ENV names, for build, dev and start alike.
// What is set already stays, so a host's own settings win.
const environmentFile = `.env-${process.env.STYTCH_PROJECT_ENV ?? 'test'}`
if (process.env.SANDBOX !== 'true' && existsSync(environmentFile))
  process.loadEnvFile(environmentFile)

const securityHeaders = [
  {
    key: 'content-security-policy',
    value: "frame-ancestors 'none'; base-uri 'self'; object-src 'none'",
  },
  { key: 'x-content-type-options', value: 'nosniff' },
  // Not `no-referrer`: forms without script would then send `Origin: null`, which server actions refuse.
  { key: 'referrer-policy', value: 'same-origin' },
  { key: 'strict-transport-security', value: 'max-age=31536000' },
]

const config: NextConfig = {
  headers: async () => [{ source: '/:path*', headers: securityHeaders }],
  poweredByHeader: false,
  agentRules: false,
  // The middleware must see which requests are prefetches; Next hides those headers otherwise.
  skipProxyUrlNormalize: true,
  experimental: { authInterrupts: true, agentUpgrade: false },
  // They load native files and their own package.json by path, which a bundle would move.
  serverExternalPackages: ['pg', 'pg-boss'],
  turbopack: { root: import.meta.dirname },
}

export default config
