import { z } from 'zod'
import { config } from '../config'
import { type Environment, parseEnvironment } from '../environment'
import { type Auth0Settings, parseAuth0Settings } from './auth0/settings'
import { parseInHouseSettings } from './in-house/settings'

/** Which provider the product leaves. The settings are deleted with this folder after the migration. */
const schema = z.object({
  LEGACY_PROVIDER: z
    .enum(['auth0', 'in-house', ''], { error: 'must be "auth0" or "in-house"' })
    .default('auth0')
    .transform((value) => value || 'auth0'),
  LEGACY_PROVIDER_NAME: z.string().trim().max(40).default(''),
})

const names = { auth0: 'Auth0', 'in-house': 'In-house login' } as const

export type LegacyConfig = ReturnType<typeof parseLegacyConfig>

/** @throws {ConfigError} */
export function parseLegacyConfig(
  source: Environment,
  product: { sandbox: boolean; appBaseUrl: string },
) {
  const env = parseEnvironment(schema, source, () => [])
  /** The name of the provider on every page. */
  const name = env.LEGACY_PROVIDER_NAME || names[env.LEGACY_PROVIDER]
  return env.LEGACY_PROVIDER === 'auth0'
    ? { name, ...parseAuth0Settings(source, product) }
    : { name, ...parseInHouseSettings(source, product) }
}

let memo: LegacyConfig | undefined

/** The validated settings of the legacy provider. Parsed on first use, so that a build needs no keys. */
export function legacyConfig(): LegacyConfig {
  memo ??= parseLegacyConfig(process.env, config())
  return memo
}

/** The settings of Auth0, for the files that only Auth0 uses. @throws {Error} when another provider is configured */
export function auth0Config(): Auth0Settings {
  const settings = legacyConfig()
  if (settings.provider !== 'auth0') throw new Error('Auth0 is not the legacy provider.')
  return settings
}

/** The name of the legacy provider on pages. */
export const legacyName = (): string => legacyConfig().name
