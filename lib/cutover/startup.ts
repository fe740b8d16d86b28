import 'server-only'
import { ConfigError } from '../environment'
import { legacyConfig, parseLegacyConfig } from '../legacy/config'
import { parseCutoverConfig } from './config'
import { mirrorIsOn } from './mirror/enqueue'
import { startWorker } from './mirror/worker'
import { parseFallback } from './policy/source'

/** Every setting of the legacy provider and of the migration that is wrong, as sentences for the operator. */
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

/** Starts the work that runs beside requests. Call it once, when the server starts. */
export const startBackgroundWork = (): void => startWorker()

/** Checks of what only the migration depends on, for the health route. */
export const migrationChecks = (
  fetchKeys: (url: string) => Promise<void>,
): Record<string, () => Promise<unknown>> => ({
  legacy: () => fetchKeys(`${legacyConfig().issuer}.well-known/jwks.json`),
})

/** What the health route says of the migration besides. */
export const migrationStatus = (): Record<string, string> => ({
  mirror: mirrorIsOn() ? 'on' : 'off',
})
