import { existsSync } from 'node:fs'
import type { NextConfig } from 'next'

// Loads your keys from `.env-test` or `.env-live`. STYTCH_PROJECT_ENV selects the file for build, dev and start.
// It has no default, because a deployment that forgets it would start on test keys.
// A variable that is already set keeps its value, so the settings of a host take precedence.
const environmentFile = `.env-${process.env.STYTCH_PROJECT_ENV}`
if (process.env.SANDBOX !== 'true' && existsSync(environmentFile))
  process.loadEnvFile(environmentFile)

const securityHeaders = [
  {
    key: 'content-security-policy',
    // For files, data and API calls. The middleware replaces it for pages: lib/request/content-security-policy.ts.
    // An SVG file that is opened by itself has inline styles.
    value:
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  },
  { key: 'x-content-type-options', value: 'nosniff' },
  // With `no-referrer`, forms without JavaScript would send `Origin: null`, which server actions refuse.
  { key: 'referrer-policy', value: 'same-origin' },
  {
    key: 'permissions-policy',
    value: 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  },
  // A browser ignores it on http, so it has no effect on localhost.
  { key: 'strict-transport-security', value: 'max-age=31536000' },
]

const config: NextConfig = {
  headers: async () => [{ source: '/:path*', headers: securityHeaders }],
  poweredByHeader: false,
  agentRules: false,
  // The middleware must see which requests are prefetches. Without this option Next hides their headers.
  skipProxyUrlNormalize: true,
  experimental: { authInterrupts: true, agentUpgrade: false },
  // Both packages load native files and their own package.json by path. A bundle would move those files.
  serverExternalPackages: ['pg', 'pg-boss'],
  turbopack: { root: import.meta.dirname },
}

export default config
