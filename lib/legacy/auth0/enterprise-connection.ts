import { legacyConfig } from '../config'

/** The providers in the subjects of enterprise connections. https://auth0.com/docs/authenticate/identity-providers */
const enterprise: ReadonlySet<string> = new Set([
  'ad',
  'adfs',
  'auth0-adldap',
  'custom',
  'google-apps',
  'ip',
  'office365',
  'oidc',
  'okta',
  'pingfederate',
  'samlp',
  'sharepoint',
  'waad',
])

/**
 * Whether the provider may call an address of this user verified. An enterprise connection belongs to an organization,
 * whose admin can make it say anything: `oidc|mallory|1` with a stranger's address. It counts only for the domains that
 * the operator has entered for it. A product without teams has only connections of its own operator.
 * @param subject such as `samlp|acme|ada@acme.example`
 */
export function mayProveAddress(subject: string, email: string): boolean {
  const { team, ssoDomains } = legacyConfig()
  const [provider = ''] = subject.split('|', 1)
  if (team === null || !enterprise.has(provider)) return true
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase()
  return ssoDomains.some(
    (entry) => entry.domain === domain && subject.startsWith(`${entry.connection}|`),
  )
}
