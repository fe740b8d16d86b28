/**
 * Everything that the rest of the product uses of the teams. A starter without teams replaces this file:
 * docs/one-audience.md.
 */
import { config, parseConfig } from './config'
import { ConfigError } from './environment'
import { hasTeams, parseTeamConfig, teamConfig } from './team/config'
import { slugOfHost } from './team/hosts'

/** The entry of the teams in the main navigation. */
export const teamPages = () =>
  hasTeams() ? [{ href: '/team', label: 'Team', place: 'team' } as const] : []

/** Whether this host has the pages of one team, and no others. */
export const isTeamHost = (host: string | null): boolean => slugOfHost(host) !== null

/** The checks of the health route for the project of the teams. */
export function teamChecks(
  fetchKeys: (url: string) => Promise<void>,
): Record<string, () => Promise<unknown>> {
  const { stytch } = teamConfig()
  if (!stytch) return {}
  const url = `${config().stytch.apiUrl}/v1/b2b/sessions/jwks/${stytch.projectId}`
  return { stytchTeams: () => fetchKeys(url) }
}

/** The problems of the settings of the teams, as sentences for the operator. Empty while the others have problems. */
export function teamConfigProblems(): readonly string[] {
  let product: ReturnType<typeof parseConfig>
  try {
    product = parseConfig(process.env)
  } catch {
    return []
  }
  try {
    parseTeamConfig(process.env, product.stytch, product.appBaseUrl)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}
