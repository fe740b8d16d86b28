import { appEnvironment, inHouseEnvironment, urls } from '../../sandbox/settings.ts'

/**
 * The legacy provider of this worker's world. A Playwright project chooses it, and a project has workers of its own.
 */
export type LegacyProviderName = 'auth0' | 'in-house'

let current: LegacyProviderName = 'auth0'

export const isInHouse = (): boolean => current === 'in-house'

export const chooseLegacyProvider = (name: LegacyProviderName): void => {
  current = name
}

/** The variables of the app that choose the provider. */
export const legacyEnvironment = (): Record<string, string> =>
  isInHouse() ? { ...withoutAuth0(), ...inHouseEnvironment } : {}

/** Without any setting of Auth0, so that a test shows that none is needed. */
const withoutAuth0 = () =>
  Object.fromEntries(
    Object.keys(appEnvironment)
      .filter((name) => name.startsWith('AUTH0_'))
      .map((name) => [name, '']),
  )

/** Stytch's setting `zero_downtime_session_migration_url`. */
export const userinfoUrl = (): string | undefined =>
  isInHouse() ? `${urls.app}/api/legacy/userinfo` : undefined
