import { z } from 'zod'
import {
  type Environment,
  insecureHosts,
  parseEnvironment,
  required,
  secret,
} from '../../environment'

/** In seconds. */
const day = 24 * 60 * 60

/** The settings of Auth0. Each of them has this prefix. */
const schema = z.object({
  AUTH0_DOMAIN: required('Auth0 dashboard, application settings, such as tenant.eu.auth0.com'),
  AUTH0_CUSTOM_DOMAIN: z.string().default(''),
  AUTH0_CLIENT_ID: required('Auth0 dashboard, application settings'),
  AUTH0_CARRY_CLIENT_IDS: z.string().default(''),
  AUTH0_CLIENT_SECRET: required('Auth0 dashboard, application settings'),
  AUTH0_SECRET: secret('encrypts the Auth0 session cookie'),
  AUTH0_TEAM_CLIENT_ID: z.string().default(''),
  AUTH0_TEAM_CLIENT_SECRET: z.string().default(''),
  AUTH0_TEAM_SECRET: z
    .union([z.literal(''), secret('encrypts the session cookie of teams')], {
      error: 'must have at least 32 characters',
    })
    .default(''),
  AUTH0_TEAM_SESSION_COOKIE: z
    .union([z.literal(''), z.string().regex(/^\w{1,64}$/)], {
      error: 'may have letters, digits and underscores',
    })
    .default(''),
  AUTH0_SSO_DOMAINS: z
    .string()
    .default('')
    .transform((text) => text.split(/[,\s]+/).filter(Boolean))
    .pipe(
      z.array(
        z
          .string()
          .regex(
            /^[a-z0-9-]+(?:\|[\w-]+)?=[a-z0-9.-]+$/i,
            'has an entry that is not a connection, "=" and a domain, such as samlp|acme=acme.example',
          ),
      ),
    )
    .transform((entries) =>
      entries.map((entry) => {
        const [connection = '', domain = ''] = entry.split('=')
        return { connection, domain: domain.toLowerCase() }
      }),
    ),
  // A claim must outlive its legacy session, and lib/cutover/retention.ts keeps claims for 400 days.
  AUTH0_SESSION_ABSOLUTE_DURATION: z.coerce
    .number()
    .int()
    .min(300, 'is in seconds, and at least 300')
    .max(365 * day, 'is in seconds, and at most a year (31536000)')
    .default(3 * day),
  AUTH0_AUDIENCE: required(
    'Auth0 dashboard, APIs: the identifier of your API, or "none" if your login names no audience',
  ),
  AUTH0_SESSION_INACTIVITY_DURATION: z
    .union([z.literal(''), z.coerce.number().int().min(300)], {
      error: 'is in seconds, and at least 300',
    })
    .default(''),
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
  const team = [env.AUTH0_TEAM_CLIENT_ID, env.AUTH0_TEAM_CLIENT_SECRET, env.AUTH0_TEAM_SECRET]
  if (team.some(Boolean) && !team.every(Boolean)) {
    found.push(
      'AUTH0_TEAM_CLIENT_ID, AUTH0_TEAM_CLIENT_SECRET and AUTH0_TEAM_SECRET belong together: set all, or none if the product has no teams',
    )
  }
  // Otherwise the session of a person would count as that of a team, under the name of the other cookie.
  if (env.AUTH0_TEAM_SECRET === env.AUTH0_SECRET && teamCookieName(env) !== sessionCookieName) {
    found.push('AUTH0_TEAM_SECRET must differ from AUTH0_SECRET')
  }
  return found
}

/** The session cookie of the product, by the SDK's default. */
export const sessionCookieName = '__session'

const teamCookieName = (env: z.infer<typeof schema>): string =>
  env.AUTH0_TEAM_SESSION_COOKIE || '__team_session'

export type Auth0Settings = ReturnType<typeof parseAuth0Settings>

/** @throws {ConfigError} */
export function parseAuth0Settings(source: Environment, { sandbox }: { sandbox: boolean }) {
  const env = parseEnvironment(schema, source, (read) => contradictions(read, sandbox))
  const issuer = issuerOf(env.AUTH0_DOMAIN)
  const issuers: [string, ...string[]] = [
    issuer,
    ...(env.AUTH0_CUSTOM_DOMAIN ? [issuerOf(env.AUTH0_CUSTOM_DOMAIN)] : []),
  ]
  const carryClientIds = env.AUTH0_CARRY_CLIENT_IDS.split(',').map((id) => id.trim())
  return {
    provider: 'auth0' as const,
    /** Whether the login of the provider also creates accounts. */
    hasSignUp: true,
    domain: env.AUTH0_DOMAIN,
    issuer,
    /** Both names of a tenant with a custom domain. Auth0 writes the domain that the client called into `iss`. */
    issuers,
    /** The addresses at which Stytch may ask about a session. A tenant with a custom domain answers at both. */
    userinfoUrls: issuers.map((each) => `${each}userinfo`),
    clientId: env.AUTH0_CLIENT_ID,
    /** The product's own clients: the web app and its mobile apps. Only their tokens are migrated. */
    clientIds: [env.AUTH0_CLIENT_ID, ...carryClientIds].filter(Boolean),
    clientSecret: env.AUTH0_CLIENT_SECRET,
    secret: env.AUTH0_SECRET,
    /** The login of teams: members of Auth0's organizations. Null when the product has no teams. */
    team: env.AUTH0_TEAM_CLIENT_ID
      ? {
          clientId: env.AUTH0_TEAM_CLIENT_ID,
          clientIds: [env.AUTH0_TEAM_CLIENT_ID, ...carryClientIds].filter(Boolean),
          clientSecret: env.AUTH0_TEAM_CLIENT_SECRET,
          secret: env.AUTH0_TEAM_SECRET,
          cookieName: teamCookieName(env),
        }
      : null,
    /** The domains whose addresses an enterprise connection may call verified. */
    ssoDomains: env.AUTH0_SSO_DOMAINS,
    /** How long a legacy session lasts after its sign-in. In seconds. */
    sessionSeconds: env.AUTH0_SESSION_ABSOLUTE_DURATION,
    /** Null for a login without an audience, which is Auth0's default. The access tokens are then opaque. */
    audience: env.AUTH0_AUDIENCE === 'none' ? null : env.AUTH0_AUDIENCE,
    /** How long it lasts after the last visit. By default there is no such limit. In seconds. */
    inactivitySeconds: env.AUTH0_SESSION_INACTIVITY_DURATION || env.AUTH0_SESSION_ABSOLUTE_DURATION,
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
