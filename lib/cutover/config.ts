import { z } from 'zod'
import { config } from '../config'
import {
  type Environment,
  insecureHosts,
  optionalUrl,
  parseEnvironment,
  secretList,
} from '../environment'

/**
 * A migration makes up to three calls to Auth0's Authentication API and one to its Management API, and up to four calls
 * to Stytch. The migration of a member makes up to three to the Management API and seven to Stytch. Auth0's
 * self-service plans allow 25 calls a second and Stytch allows an import 65, sign-ins included.
 * https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy/rate-limit-configurations
 * https://stytch.com/docs/resources/migrations/migrating-user-data
 */
const defaultMigrationsPerSecond = '5'

/** Roles at Auth0 by name, and the ids of the roles at Stytch that they become: `admin=stytch_admin,editor=editor`. */
const roleMapping = z
  .array(
    z
      .string()
      .regex(
        /^[^=]+=\s*[\w-]{1,128}$/,
        'has an entry that is not a role of Auth0, "=" and a role id of Stytch, such as admin=stytch_admin',
      ),
  )
  .transform((entries) =>
    entries.map((entry) => {
      const [name = '', roleId = ''] = entry.split('=').map((part) => part.trim())
      return [name, roleId] as const
    }),
  )
  .refine((pairs) => pairs.every(([name]) => name !== ''), 'has a role without a name')
  .refine(
    (pairs) => new Set(pairs.map(([name]) => name)).size === pairs.length,
    'names a role of Auth0 twice',
  )
  .refine(
    (pairs) => pairs.every(([, roleId]) => roleId !== 'stytch_member'),
    'names stytch_member, which Stytch gives to every member by itself',
  )
  .transform((pairs): ReadonlyMap<string, string> => new Map(pairs))

const webhookSecret = z
  .union([z.literal(''), z.string().regex(/^whsec_[A-Za-z0-9+/]{32,}=*$/)], {
    error: 'does not look like whsec_…: Stytch dashboard, Webhooks, signing secret',
  })
  .default('')

/** The settings of the migration itself. They are deleted together with this folder. */
const schema = z.object({
  CONTROL_TOKEN: z.string().default(''),
  METRICS_TOKEN: z.string().default(''),
  CRON_SECRET: z.string().default(''),
  AUTH0_WEBHOOK_SECRET: z.string().default(''),
  AUTH0_POLL_SECONDS: z.literal('').or(z.coerce.number().int().min(0).max(86_400)).default(''),
  FORWARD_WRITES: z.enum(['on', 'off', '']).default(''),
  MIRROR_WORKER: z.enum(['on', 'off', '']).default(''),
  MIGRATIONS_PER_SECOND: z
    .string()
    .default('')
    .transform((text) => Number(text || defaultMigrationsPerSecond))
    .pipe(z.int('is not a whole number').min(1).max(1_000)),
  ORGANIZATION_ROLES: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean),
    )
    .pipe(roleMapping),
  GEO_COUNTRY_HEADER: z.string().toLowerCase().default(''),
  POLICY_URL: optionalUrl,
  POLICY_READER_SECRET: secretList('authenticates the edge when it reads the policy'),
  POLICY_FALLBACK: z.string().default(''),
  STYTCH_WEBHOOK_SECRET: webhookSecret,
  STYTCH_B2B_WEBHOOK_SECRET: webhookSecret,
})

export type CutoverConfig = ReturnType<typeof parseCutoverConfig>

/** With its own address in `POLICY_URL`, the app would ask itself for the policy, without end. */
function policyLoop(policyUrl: string, ownUrl: string): string[] {
  const place = (url: string) => {
    const { origin, pathname } = new URL(url)
    return origin + pathname.replace(/\/+$/, '')
  }
  return policyUrl && URL.canParse(ownUrl) && place(policyUrl) === place(ownUrl)
    ? ['POLICY_URL is the address of this app itself: leave it empty to store the policy here']
    : []
}

/** @throws {ConfigError} */
export function parseCutoverConfig(
  source: Environment,
  { sandbox, appBaseUrl }: { sandbox: boolean; appBaseUrl: string },
) {
  const env = parseEnvironment(schema, source, ({ POLICY_URL, FORWARD_WRITES }) => [
    ...(FORWARD_WRITES === 'on' &&
    (!source.AUTH0_MANAGEMENT_CLIENT_ID || source.LEGACY_PROVIDER === 'in-house')
      ? ['FORWARD_WRITES reads users at Auth0: set AUTH0_MANAGEMENT_CLIENT_ID, or leave it empty']
      : []),
    ...insecureHosts({ POLICY_URL }, sandbox),
    ...policyLoop(POLICY_URL, `${appBaseUrl}/api/policy`),
  ])
  /** Empty for a secret that is not set, or too short outside the sandbox. Its route is then closed. */
  const bearerSecret = (value: string) => (sandbox || value.length >= 32 ? value : '')
  return {
    controlToken: bearerSecret(env.CONTROL_TOKEN),
    /** Allows to read the metrics, and nothing else. */
    metricsToken: bearerSecret(env.METRICS_TOKEN),
    cronSecret: bearerSecret(env.CRON_SECRET),
    /** While it is empty, the route for Auth0's log and event streams is closed. */
    legacyWebhookSecret: bearerSecret(env.AUTH0_WEBHOOK_SECRET),
    /** How often Auth0 is asked for blocked and deleted users. In seconds. 0 never asks. */
    legacyPollSeconds: env.AUTH0_POLL_SECONDS === '' ? 300 : env.AUTH0_POLL_SECONDS,
    /** Whether changes of users at Auth0 are written to Stytch. */
    forwardWrites: env.FORWARD_WRITES === 'on',
    /** `off` when another process or the cron route runs the mirror jobs. */
    mirrorWorker: env.MIRROR_WORKER,
    /** The limit over all instances. */
    migrationsPerSecond: env.MIGRATIONS_PER_SECOND,
    /** The roles at Stytch by the name of the role at Auth0. A role that is not in it is left out. */
    organizationRoles: env.ORGANIZATION_ROLES,
    geoCountryHeader: env.GEO_COUNTRY_HEADER,
    policyUrl: env.POLICY_URL || `${appBaseUrl}/api/policy`,
    /** With the first one the edge reads the policy. /api/policy accepts all of them, for reading only. */
    policyReaderSecrets: env.POLICY_READER_SECRET,
    /** False when the policy is stored at POLICY_URL: this app then reads it and cannot change it. */
    ownsPolicy: env.POLICY_URL === '',
    /** A policy as JSON, or empty. See `fallbackPolicy`. */
    policyFallback: env.POLICY_FALLBACK,
    /** While both are empty, the webhook route is closed. */
    webhookSecret: env.STYTCH_WEBHOOK_SECRET,
    /** The secret of the B2B project's endpoint. */
    teamWebhookSecret: env.STYTCH_B2B_WEBHOOK_SECRET || env.STYTCH_WEBHOOK_SECRET,
  }
}

let memo: CutoverConfig | undefined

/** The checked settings of the migration. Parsed on first use, so that a build needs no keys. */
export function cutoverConfig(): CutoverConfig {
  memo ??= parseCutoverConfig(process.env, config())
  return memo
}
