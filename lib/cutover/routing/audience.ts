import { config } from '../../config'
import { legacyLane } from '../../legacy/lane'
import type { LegacyReading } from '../../legacy/session'
import type { Cookie } from '../../request/forward'
import { consumerProject, type StytchProject } from '../../stytch/project'
import type { Credentials } from '../../token/credentials'
import type { Registry } from '../../token/registry'
import { flagCookieName } from '../cohort/flag-cookie'
import { registry } from './registry'

/**
 * The users of one part of the app: consumers, or the members of teams. Each has its own project at Stytch, its own
 * registry and its own cookies. So both live side by side in a browser, and a token of one is refused by the other.
 */
export type Audience = {
  project: StytchProject
  registry(): Registry
  /** Reads the legacy session. The names of its cookies differ too. */
  readLegacy(credentials: Credentials, registry: Registry, now: Date): Promise<LegacyReading>
  isLegacyCookie(name: string): boolean
  renewedLegacyCookies(url: string, headers: Headers): Promise<Cookie[]>
  flagCookie: string
  /** The path of the login. @param organization the slug of the page's organization, if it has one */
  loginPath(organization: string | null): string
  /** The base of the URL of a redirect, for a request to this host. Never a host that only the request names. */
  baseUrl(host: string | null): string
}

export const consumers: Audience = {
  project: consumerProject,
  registry,
  readLegacy: (...request) => legacyLane().readSession(...request),
  isLegacyCookie: (name) => legacyLane().isSessionCookie(name),
  renewedLegacyCookies: (url, headers) => legacyLane().renewedCookies(url, headers),
  flagCookie: flagCookieName,
  loginPath: () => '/login',
  baseUrl: () => config().appBaseUrl,
}
