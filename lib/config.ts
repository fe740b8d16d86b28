import { z } from 'zod'

/** Thrown once, at start, with every variable that is wrong: `message` is what an operator reads. */
export class ConfigError extends Error {
  readonly code = 'config_invalid'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((p) => `  - ${p}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

const required = (hint: string) =>
  z.string({ error: `is missing: ${hint}` }).min(1, `is empty: ${hint}`)
const secret = (hint: string) =>
  required(hint).min(32, 'is shorter than 32 characters: make one with `openssl rand -hex 32`')
const url = (hint: string) => required(hint).pipe(z.url('is not a URL'))
const commaList = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim().toLowerCase())
      .filter(Boolean),
  )

const environment = z.object({
  SANDBOX: z
    .enum(['true', 'false', ''])
    .default('false')
    .transform((value) => value === 'true'),
  APP_BASE_URL: url('the address of this app, such as https://app.example.com').transform((value) =>
    value.replace(/\/+$/, ''),
  ),
  COOKIE_SECRET: secret('seals the flag cookie'),
  CONTROL_TOKEN: z.string().default(''),
  METRICS_TOKEN: z.string().default(''),
  CRON_SECRET: z.string().default(''),
  OPERATOR_EMAILS: commaList,
  SESSION_DURATION_MINUTES: z.coerce.number().int().min(5).max(527_040).default(43_200),
  TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(10).default(0),
  GEO_COUNTRY_HEADER: z.string().toLowerCase().default(''),
  POLICY_URL: z.union([z.literal(''), z.url()]).default(''),
  POLICY_FALLBACK: z.string().default(''),
  SOURCE_URL: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })], {
      error: 'is not an address such as https://github.com/you/cutover/blob/main',
    })
    .default('')
    .transform((value) => value.replace(/\/+$/, '')),
  DATABASE_URL: required(
    'the address of a Postgres, such as postgres://user:password@host:5432/database; then run `npm run db:migrate`',
  ).regex(/^postgres(ql)?:\/\//, 'does not begin with postgres://'),

  STYTCH_PROJECT_ENV: z
    .enum(['test', 'live'], { error: 'must be "test" or "live"' })
    .default('test'),
  STYTCH_PROJECT_ID: required('Stytch dashboard, API keys').regex(
    /^project-(test|live)-/,
    'does not look like project-test-… or project-live-…',
  ),
  STYTCH_SECRET: required('Stytch dashboard, API keys').regex(
    /^secret-(test|live)-/,
    'does not look like secret-test-… or secret-live-…',
  ),
  STYTCH_PUBLIC_TOKEN: required('Stytch dashboard, API keys').regex(
    /^public-token-(test|live)-/,
    'does not look like public-token-test-… or public-token-live-…',
  ),
  STYTCH_API_URL: z.union([z.literal(''), z.url()]).default(''),
  STYTCH_WEBHOOK_SECRET: z
    .union([z.literal(''), z.string().regex(/^whsec_[A-Za-z0-9+/]{32,}=*$/)], {
      error: 'does not look like whsec_…: Stytch dashboard, Webhooks, signing secret',
    })
    .default(''),

  AUTH0_DOMAIN: required('Auth0 dashboard, application settings, such as tenant.eu.auth0.com'),
  AUTH0_CUSTOM_DOMAIN: z.string().default(''),
  AUTH0_CLIENT_ID: required('Auth0 dashboard, application settings'),
  AUTH0_CARRY_CLIENT_IDS: z.string().default(''),
  AUTH0_CLIENT_SECRET: required('Auth0 dashboard, application settings'),
  AUTH0_SECRET: secret('encrypts the Auth0 session cookie'),
  AUTH0_AUDIENCE: required('Auth0 dashboard, APIs: the identifier of your API'),
  AUTH0_CONNECTION: z.string().min(1).default('Username-Password-Authentication'),
  AUTH0_MANAGEMENT_DOMAIN: z.string().default(''),
  AUTH0_MANAGEMENT_CLIENT_ID: z.string().default(''),
  AUTH0_MANAGEMENT_CLIENT_SECRET: z.string().default(''),
  MIRROR_WORKER: z.enum(['on', 'off', '']).default(''),
})

const isLocalhost = (value: string): boolean => {
  try {
    return new URL(value).hostname === 'localhost'
  } catch {
    return false
  }
}

/** `https://tenant/`: the form, with its slash, that Auth0 writes into `iss`. */
const issuerOf = (domain: string): string =>
  `${domain.includes('://') ? domain : `https://${domain}`}`.replace(/\/*$/, '/')

/** What mixing keys or hosts would break; each answer is a sentence for the operator. */
function contradictions(env: z.infer<typeof environment>): string[] {
  const found: string[] = []
  const kind = env.STYTCH_PROJECT_ENV
  for (const name of ['STYTCH_PROJECT_ID', 'STYTCH_SECRET', 'STYTCH_PUBLIC_TOKEN'] as const) {
    const actual = /^(?:project|secret|public-token)-(test|live)-/.exec(env[name])?.[1]
    if (actual !== kind) {
      found.push(
        `${name} is a ${actual} key, but STYTCH_PROJECT_ENV is "${kind}": live and test keys must not be mixed`,
      )
    }
  }
  const hosts = {
    APP_BASE_URL: env.APP_BASE_URL,
    AUTH0_DOMAIN: issuerOf(env.AUTH0_DOMAIN),
    AUTH0_CUSTOM_DOMAIN: env.AUTH0_CUSTOM_DOMAIN && issuerOf(env.AUTH0_CUSTOM_DOMAIN),
    STYTCH_API_URL: env.STYTCH_API_URL,
    POLICY_URL: env.POLICY_URL,
    AUTH0_MANAGEMENT_DOMAIN: env.AUTH0_MANAGEMENT_DOMAIN && issuerOf(env.AUTH0_MANAGEMENT_DOMAIN),
  }
  for (const [name, value] of Object.entries(hosts)) {
    if (!value || isLocalhost(value)) continue
    if (env.SANDBOX) found.push(`${name} must be on localhost while SANDBOX is true`)
    else if (!/^https:/i.test(value)) {
      found.push(`${name} is not https and not localhost: tokens would travel in the clear`)
    }
  }
  if (env.STYTCH_API_URL && !env.SANDBOX) {
    found.push(
      'STYTCH_API_URL points at a stand-in: it is for the sandbox (SANDBOX=true); remove it to use Stytch',
    )
  }
  if (!env.AUTH0_MANAGEMENT_CLIENT_ID !== !env.AUTH0_MANAGEMENT_CLIENT_SECRET) {
    found.push(
      'AUTH0_MANAGEMENT_CLIENT_ID and AUTH0_MANAGEMENT_CLIENT_SECRET belong together: set both, or neither to leave the mirror off',
    )
  }
  if (kind === 'live' && env.SANDBOX) found.push('SANDBOX must not be true with live keys')
  return found
}

export type Config = ReturnType<typeof parseConfig>

/**
 * Reads and checks the environment.
 * @throws {ConfigError} naming every variable that is missing, malformed or contradicts another.
 */
export function parseConfig(source: Record<string, string | undefined>) {
  const parsed = environment.safeParse(source)
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`),
    )
  }
  const env = parsed.data
  const problems = contradictions(env)
  if (problems.length > 0) throw new ConfigError(problems)

  const legacyIssuer = issuerOf(env.AUTH0_DOMAIN)
  /** Empty when its door is closed: unset, or too short to be a secret outside the sandbox. */
  const doorSecret = (value: string) => (env.SANDBOX || value.length >= 32 ? value : '')
  return {
    sandbox: env.SANDBOX,
    appBaseUrl: env.APP_BASE_URL,
    secureCookies: env.APP_BASE_URL.startsWith('https:'),
    cookieSecret: env.COOKIE_SECRET,
    controlToken: doorSecret(env.CONTROL_TOKEN),
    /** Reads the metrics and nothing else. */
    metricsToken: doorSecret(env.METRICS_TOKEN),
    cronSecret: doorSecret(env.CRON_SECRET),
    /** Off for a server of its own that shares the database, or where only the cron route drains the queue. */
    mirrorWorker: env.MIRROR_WORKER,
    operatorEmails: env.OPERATOR_EMAILS,
    sessionDurationMinutes: env.SESSION_DURATION_MINUTES,
    trustedProxyHops: env.TRUSTED_PROXY_HOPS,
    geoCountryHeader: env.GEO_COUNTRY_HEADER,
    policyUrl: env.POLICY_URL || `${env.APP_BASE_URL}/api/policy`,
    /** False when the policy is kept elsewhere: then this app reads it and cannot change it. */
    ownsPolicy: env.POLICY_URL === '',
    policyFallback: env.POLICY_FALLBACK,
    /** Where the source of a page can be read; empty when the repository is not published. */
    sourceUrl: env.SOURCE_URL,
    databaseUrl: env.DATABASE_URL,
    stytch: {
      kind: env.STYTCH_PROJECT_ENV,
      projectId: env.STYTCH_PROJECT_ID,
      secret: env.STYTCH_SECRET,
      publicToken: env.STYTCH_PUBLIC_TOKEN,
      apiUrl:
        env.STYTCH_API_URL ||
        `https://${env.STYTCH_PROJECT_ENV === 'live' ? 'api' : 'test'}.stytch.com`,
      /** Empty: the webhook door is closed. */
      webhookSecret: env.STYTCH_WEBHOOK_SECRET,
    },
    auth0: {
      domain: env.AUTH0_DOMAIN,
      issuer: legacyIssuer,
      /** Tenant and custom domain: a tenant with both signs with the one its client asked. */
      issuers: [
        legacyIssuer,
        ...(env.AUTH0_CUSTOM_DOMAIN ? [issuerOf(env.AUTH0_CUSTOM_DOMAIN)] : []),
      ],
      clientId: env.AUTH0_CLIENT_ID,
      /** The product's own clients, whose tokens may be carried over: the web app and its mobile apps. */
      clientIds: [
        env.AUTH0_CLIENT_ID,
        ...env.AUTH0_CARRY_CLIENT_IDS.split(',').map((id) => id.trim()),
      ].filter(Boolean),
      clientSecret: env.AUTH0_CLIENT_SECRET,
      secret: env.AUTH0_SECRET,
      audience: env.AUTH0_AUDIENCE,
      insecure: legacyIssuer.startsWith('http:'),
      /** Of the database that holds the passwords. */
      connection: env.AUTH0_CONNECTION,
      /** Null: the mirror is off. The domain is the tenant's, since custom domains have no Management API. */
      management: env.AUTH0_MANAGEMENT_CLIENT_ID
        ? {
            url: issuerOf(env.AUTH0_MANAGEMENT_DOMAIN || env.AUTH0_DOMAIN),
            clientId: env.AUTH0_MANAGEMENT_CLIENT_ID,
            clientSecret: env.AUTH0_MANAGEMENT_CLIENT_SECRET,
          }
        : null,
    },
  }
}

let memo: Config | undefined

/** The checked environment; parsed on first use, so that a build needs no keys. */
export function config(): Config {
  memo ??= parseConfig(process.env)
  return memo
}
