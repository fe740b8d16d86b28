import 'server-only'
import { ConfigError } from '../environment'
import { legacyConfig, parseLegacyConfig } from '../legacy/config'
import { parseCutoverConfig } from './config'
import { mirrorIsOn } from './mirror/enqueue'
import { startWorker } from './mirror/worker'
import { parseFallback } from './policy/source'
import { startRevocationWorker } from './revocation/worker'

/** Checks the settings of the legacy provider and of the migration. Returns the problems as sentences for operators. */
export function migrationConfigProblems(): string[] {
  const product = {
    sandbox: process.env.SANDBOX === 'true',
    appBaseUrl: process.env.APP_BASE_URL ?? '',
  }
  const checks = [
    () => parseLegacyConfig(process.env, product),
    () => parseCutoverConfig(process.env, product),
    () => parseFallback(process.env.POLICY_FALLBACK ?? ''),
  ]
  return checks.flatMap((check) => {
    try {
      check()
      return []
    } catch (error) {
      if (error instanceof ConfigError) return error.problems
      throw error
    }
  })
}

/** Starts the workers. Call it once, when the server starts. */
export function startBackgroundWork(): void {
  startWorker()
  startRevocationWorker()
}

/** The checks of the health route for the dependencies of the migration. */
export const migrationChecks = (
  fetchKeys: (url: string) => Promise<void>,
): Record<string, () => Promise<unknown>> => ({
  legacy: () => fetchKeys(`${legacyConfig().issuer}.well-known/jwks.json`),
})

/** The state of the migration in the response of the health route. The login redirects to the tenant, so it is public. */
export const migrationStatus = (): Record<string, string> => ({
  mirror: mirrorIsOn() ? 'on' : 'off',
  auth0Tenant: new URL(legacyConfig().issuer).host,
})
