import { config } from '../config'
import { hasTeams, teamConfig } from './config'
import { isSlug } from './slug'

/** The page of a team that a request addresses. `slug` is null on a page of no single team, such as /team. */
export type TeamAddress = { slug: string | null }

/** Paths under /team that are not the slug of an organization. */
const reserved = new Set(['authenticate', 'auth', 'login', 'choose'])

/**
 * The team that an address names: by its path, or by a host such as acme.app.example.com. Null if it is no address of
 * the teams. The slug proves nothing: it only chooses the organization whose members may see the page.
 * @param host from the header `Host`. Only a host in TEAM_HOSTS counts, because a client can send any.
 */
export function teamAddress(pathname: string, host: string | null): TeamAddress | null {
  if (!hasTeams()) return null
  const [, area, ...rest] = pathname.split('/')
  const [name = ''] = area === 'api' && rest[0] === 'team' ? rest.slice(1) : rest
  const isTeamPath = area === 'team' || (area === 'api' && rest[0] === 'team')
  if (!isTeamPath) return null
  if (name === '' || reserved.has(name)) return { slug: slugOfHost(host) }
  return { slug: isSlug(name) ? name : null }
}

/** The slug of a host in TEAM_HOSTS. Null for every other host. */
export function slugOfHost(host: string | null): string | null {
  if (!hasTeams()) return null
  const name = host?.toLowerCase() ?? ''
  return teamConfig().hosts.includes(name) ? (name.split('.', 1)[0] ?? null) : null
}

/** The URL of a path on the host of a team, or on the main host if the team has none. */
export function teamHostUrl(slug: string, path: string): string {
  const own = teamConfig().hosts.find((host) => slugOfHost(host) === slug) ?? null
  return `${linkBaseUrl(own)}${path}`
}

/**
 * The base of every URL that leads back to the host of a request: a redirect, a mailed link, the callback of a login.
 * The cookies of a sign-in are those of the host on which it began. A host that is not in TEAM_HOSTS gets the main one.
 * @param host from the header `Host`
 */
export function linkBaseUrl(host: string | null): string {
  const { appBaseUrl } = config()
  return slugOfHost(host) ? `${new URL(appBaseUrl).protocol}//${host?.toLowerCase()}` : appBaseUrl
}
