import { z } from 'zod'
import { config } from '../config'
import { type Environment, insecureHosts, parseEnvironment, required, secret } from '../environment'

/** In seconds. */
const day = 24 * 60 * 60

/** The settings of the legacy provider, Auth0. They are deleted with this folder after the migration. */
const schema = z.object({
  AUTH0_DOMAIN: required('Auth0 dashboard, application settings, such as tenant.eu.auth0.com'),
  AUTH0_CUSTOM_DOMAIN: z.string().default(''),
  AUTH0_CLIENT_ID: required('Auth0 dashboard, application settings'),
  AUTH0_CARRY_CLIENT_IDS: z.string().default(''),
  AUTH0_CLIENT_SECRET: required('Auth0 dashboard, application settings'),
  AUTH0_SECRET: secret('encrypts the Auth0 session cookie'),
  // A claim must outlive its legacy session, and lib/cutover/retention.ts keeps claims for 400 days.
  AUTH0_SESSION_ABSOLUTE_DURATION: z.coerce
    .number()
    .int()
    .min(300, 'is in seconds, and at least 300')
    .max(365 * day, 'is in seconds, and at most a year (31536000)')
    .default(3 * day),
  AUTH0_AUDIENCE: required('Auth0 dashboard, APIs: the identifier of your API'),
  AUTH0_CONNECTION: z.string().min(1).default('Username-Password-Authentication'),
  AUTH0_MANAGEMENT_DOMAIN: z.string().default(''),
  AUTH0_MANAGEMENT_CLIENT_ID: z.string().default(''),
  AUTH0_MANAGEMENT_CLIENT_SECRET: z.string().default(''),
})

/** `https://tenant/`, with the slash that Auth0 writes into `iss`. */
const issuerOf = (domain: string): string =>
  `${domain.includes('://') ? domain : `https://${domain}`}`.replace(/\/*$/, '/')

function contradictions(env: z.infer<typeof schema>, sandbox: boolean): string[] {
  const { AUTH0_DOMAIN, AUTH0_CUSTOM_DOMAIN, AUTH0_MANAGEMENT_DOMAIN } = env
  const domains = { AUTH0_DOMAIN, AUTH0_CUSTOM_DOMAIN, AUTH0_MANAGEMENT_DOMAIN }
  const hosts = Object.entries(domains).map(([name, value]) => [name, value && issuerOf(value)])
  const found = insecureHosts(Object.fromEntries(hosts), sandbox)
  if (!env.AUTH0_MANAGEMENT_CLIENT_ID !== !env.AUTH0_MANAGEMENT_CLIENT_SECRET) {
    found.push(
      'AUTH0_MANAGEMENT_CLIENT_ID and AUTH0_MANAGEMENT_CLIENT_SECRET belong together: set both, or neither to leave the mirror off',
    )
  }
  return found
}

export type LegacyConfig = ReturnType<typeof parseLegacyConfig>

/** @throws {ConfigError} */
export function parseLegacyConfig(source: Environment, { sandbox }: { sandbox: boolean }) {
  const env = parseEnvironment(schema, source, (read) => contradictions(read, sandbox))
  const issuer = issuerOf(env.AUTH0_DOMAIN)
  const customIssuers = env.AUTH0_CUSTOM_DOMAIN ? [issuerOf(env.AUTH0_CUSTOM_DOMAIN)] : []
  return {
    domain: env.AUTH0_DOMAIN,
    issuer,
    /** Both names of a tenant with a custom domain. Auth0 writes the domain that the client called into `iss`. */
    issuers: [issuer, ...customIssuers] as [string, ...string[]],
    clientId: env.AUTH0_CLIENT_ID,
    /** The product's own clients: the web app and its mobile apps. Only their tokens are migrated. */
    clientIds: [
      env.AUTH0_CLIENT_ID,
      ...env.AUTH0_CARRY_CLIENT_IDS.split(',').map((id) => id.trim()),
    ].filter(Boolean),
    clientSecret: env.AUTH0_CLIENT_SECRET,
    secret: env.AUTH0_SECRET,
    /** How long a legacy session lasts after its sign-in. In seconds. */
    sessionSeconds: env.AUTH0_SESSION_ABSOLUTE_DURATION,
    audience: env.AUTH0_AUDIENCE,
    insecure: issuer.startsWith('http:'),
    /** The database connection with the passwords. */
    connection: env.AUTH0_CONNECTION,
    /** Null when the mirror is off. The Management API is at the tenant's domain, never at a custom domain. */
    management: env.AUTH0_MANAGEMENT_CLIENT_ID
      ? {
          url: issuerOf(env.AUTH0_MANAGEMENT_DOMAIN || env.AUTH0_DOMAIN),
          clientId: env.AUTH0_MANAGEMENT_CLIENT_ID,
          clientSecret: env.AUTH0_MANAGEMENT_CLIENT_SECRET,
        }
      : null,
  }
}

let memo: LegacyConfig | undefined

/** The validated settings of the legacy provider. Parsed on first use, so that a build needs no keys. */
export function legacyConfig(): LegacyConfig {
  memo ??= parseLegacyConfig(process.env, config())
  return memo
}
