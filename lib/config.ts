import { z } from 'zod'
import { hasConsumers } from './consumers'
import {
  type Environment,
  insecureHosts,
  isLocalhost,
  optionalUrl,
  parseEnvironment,
  required,
  secretList,
} from './environment'

/**
 * The settings of the product and of Stytch, which stay after the migration. The settings of the legacy
 * provider are in lib/legacy/config.ts, and those of the migration in lib/cutover/config.ts.
 */
/** A key of the project for consumers. A product without consumers has none. */
const ofConsumers = (form: RegExp, problem: string) =>
  hasConsumers
    ? required('Stytch dashboard, API keys').regex(form, problem)
    : z.string().default('')

const schema = z.object({
  SANDBOX: z
    .enum(['true', 'false', ''])
    .default('false')
    .transform((value) => value === 'true'),
  APP_BASE_URL: required('the address of this app, such as https://app.example.com')
    .pipe(z.url('is not a URL'))
    .transform((value) => value.replace(/\/+$/, '')),
  COOKIE_SECRET: secretList('seals the cookies of this app'),
  OPERATOR_EMAILS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim().toLowerCase())
        .filter(Boolean),
    ),
  SESSION_DURATION_MINUTES: z.coerce.number().int().min(5).max(527_040).default(43_200),
  SOURCE_URL: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })], {
      error: 'is not an address such as https://github.com/you/cutover/blob/main',
    })
    .default('')
    .transform((value) => value.replace(/\/+$/, '')),
  DATABASE_URL: required(
    'the address of a Postgres, such as postgres://user:password@host:5432/database; then run `npm run db:migrate`',
  ).regex(/^postgres(ql)?:\/\//, 'does not begin with postgres://'),

  TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(10).default(0),

  // Without a default, because a deployment that forgets it would start on test keys.
  STYTCH_PROJECT_ENV: z.enum(['test', 'live'], {
    error:
      'must be "test" or "live". It selects the file .env-test or .env-live, and is the kind of the Stytch keys',
  }),
  STYTCH_PROJECT_ID: ofConsumers(
    /^project-(test|live)-/,
    'does not look like project-test-… or project-live-…',
  ),
  STYTCH_SECRET: ofConsumers(
    /^secret-(test|live)-/,
    'does not look like secret-test-… or secret-live-…',
  ),
  STYTCH_PUBLIC_TOKEN: ofConsumers(
    /^public-token-(test|live)-/,
    'does not look like public-token-test-… or public-token-live-…',
  ),
  STYTCH_API_URL: optionalUrl,
})

/** Finds mixed keys and hosts, which would send tokens to the wrong server. */
function contradictions(env: z.infer<typeof schema>): string[] {
  const found: string[] = []
  const kind = env.STYTCH_PROJECT_ENV
  const consumerKeys = ['STYTCH_PROJECT_ID', 'STYTCH_SECRET', 'STYTCH_PUBLIC_TOKEN'] as const
  for (const name of hasConsumers ? consumerKeys : []) {
    const actual = /^(?:project|secret|public-token)-(test|live)-/.exec(env[name])?.[1]
    if (actual !== kind) {
      found.push(
        `${name} is a ${actual} key, but STYTCH_PROJECT_ENV is "${kind}": live and test keys must not be mixed`,
      )
    }
  }
  const { APP_BASE_URL, STYTCH_API_URL } = env
  found.push(...insecureHosts({ APP_BASE_URL, STYTCH_API_URL }, env.SANDBOX))
  // A deployed app must never accept sessions of a stand-in, and neither must an app with live keys.
  const mayUseStandIn = kind === 'test' && [STYTCH_API_URL, APP_BASE_URL].every(isLocalhost)
  if (STYTCH_API_URL && !env.SANDBOX && !mayUseStandIn) {
    found.push(
      'STYTCH_API_URL is the address of a stand-in. Outside the sandbox it needs test keys, and both it and APP_BASE_URL on localhost; remove it to use Stytch',
    )
  }
  if (kind === 'live' && env.SANDBOX) found.push('SANDBOX must not be true with live keys')
  return found
}

export type Config = ReturnType<typeof parseConfig>

/** @throws {ConfigError} */
export function parseConfig(source: Environment) {
  const env = parseEnvironment(schema, source, contradictions)
  return {
    sandbox: env.SANDBOX,
    appBaseUrl: env.APP_BASE_URL,
    secureCookies: env.APP_BASE_URL.startsWith('https:'),
    /** The first one seals. All of them open, see lib/seal.ts. */
    cookieSecrets: env.COOKIE_SECRET,
    operatorEmails: env.OPERATOR_EMAILS,
    sessionDurationMinutes: env.SESSION_DURATION_MINUTES,
    /** The address of the published source. Empty if the repository is not published. */
    sourceUrl: env.SOURCE_URL,
    databaseUrl: env.DATABASE_URL,
    /** The number of proxies of yours in front of the app. With 0 the address of a client is unknown. */
    trustedProxyHops: env.TRUSTED_PROXY_HOPS,
    stytch: {
      kind: env.STYTCH_PROJECT_ENV,
      projectId: env.STYTCH_PROJECT_ID,
      secret: env.STYTCH_SECRET,
      publicToken: env.STYTCH_PUBLIC_TOKEN,
      apiUrl:
        env.STYTCH_API_URL ||
        `https://${env.STYTCH_PROJECT_ENV === 'live' ? 'api' : 'test'}.stytch.com`,
    },
  }
}

let memo: Config | undefined

/** The checked settings. Parsed on first use, so that a build needs no keys. */
export function config(): Config {
  memo ??= parseConfig(process.env)
  return memo
}
