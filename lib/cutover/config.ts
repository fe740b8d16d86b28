import { z } from 'zod'
import { config } from '../config'
import { type Environment, insecureHosts, optionalUrl, parseEnvironment } from '../environment'

/** The settings of the migration itself. They are deleted together with this folder. */
const schema = z.object({
  CONTROL_TOKEN: z.string().default(''),
  METRICS_TOKEN: z.string().default(''),
  CRON_SECRET: z.string().default(''),
  MIRROR_WORKER: z.enum(['on', 'off', '']).default(''),
  GEO_COUNTRY_HEADER: z.string().toLowerCase().default(''),
  POLICY_URL: optionalUrl,
  POLICY_FALLBACK: z.string().default(''),
  STYTCH_WEBHOOK_SECRET: z
    .union([z.literal(''), z.string().regex(/^whsec_[A-Za-z0-9+/]{32,}=*$/)], {
      error: 'does not look like whsec_…: Stytch dashboard, Webhooks, signing secret',
    })
    .default(''),
})

export type CutoverConfig = ReturnType<typeof parseCutoverConfig>

/** @throws {ConfigError} */
export function parseCutoverConfig(
  source: Environment,
  { sandbox, appBaseUrl }: { sandbox: boolean; appBaseUrl: string },
) {
  const env = parseEnvironment(schema, source, ({ POLICY_URL }) =>
    insecureHosts({ POLICY_URL }, sandbox),
  )
  /** Empty for a secret that is not set, or too short outside the sandbox. Its route is then closed. */
  const bearerSecret = (value: string) => (sandbox || value.length >= 32 ? value : '')
  return {
    controlToken: bearerSecret(env.CONTROL_TOKEN),
    /** Allows to read the metrics, and nothing else. */
    metricsToken: bearerSecret(env.METRICS_TOKEN),
    cronSecret: bearerSecret(env.CRON_SECRET),
    /** `off` when another process or the cron route runs the mirror jobs. */
    mirrorWorker: env.MIRROR_WORKER,
    geoCountryHeader: env.GEO_COUNTRY_HEADER,
    policyUrl: env.POLICY_URL || `${appBaseUrl}/api/policy`,
    /** False when the policy is stored at POLICY_URL: this app then reads it and cannot change it. */
    ownsPolicy: env.POLICY_URL === '',
    /** A policy as JSON, or empty. See `fallbackPolicy`. */
    policyFallback: env.POLICY_FALLBACK,
    /** While it is empty, the webhook route is closed. */
    webhookSecret: env.STYTCH_WEBHOOK_SECRET,
  }
}

let memo: CutoverConfig | undefined

/** The checked settings of the migration. Parsed on first use, so that a build needs no keys. */
export function cutoverConfig(): CutoverConfig {
  memo ??= parseCutoverConfig(process.env, config())
  return memo
}
