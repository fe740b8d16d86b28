import { z } from 'zod'
import {
  type Environment,
  insecureHosts,
  optionalUrl,
  parseEnvironment,
  secretList,
} from '../../environment'

/** In seconds. */
const day = 24 * 60 * 60

/** The settings of the in-house login. */
const schema = z.object({
  LEGACY_SESSION_SECRET: secretList('signs the session cookies of the in-house login'),
  // A claim must outlive its legacy session, and lib/cutover/retention.ts keeps claims for 400 days.
  LEGACY_SESSION_SECONDS: z
    .union(
      [
        z.literal(''),
        z.coerce
          .number()
          .int()
          .min(300)
          .max(365 * day),
      ],
      {
        error: 'is in seconds, from 300 to a year (31536000)',
      },
    )
    .default(''),
  LEGACY_MAIL_URL: optionalUrl,
  LEGACY_MAIL_TOKEN: z.string().default(''),
})

export type InHouseSettings = ReturnType<typeof parseInHouseSettings>

/** @throws {ConfigError} */
export function parseInHouseSettings(
  source: Environment,
  { sandbox, appBaseUrl }: { sandbox: boolean; appBaseUrl: string },
) {
  const env = parseEnvironment(schema, source, ({ LEGACY_MAIL_URL }) =>
    insecureHosts({ LEGACY_MAIL_URL }, sandbox),
  )
  const baseUrl = appBaseUrl.replace(/\/+$/, '')
  const issuer = `${baseUrl}/legacy`
  const sessionSeconds = env.LEGACY_SESSION_SECONDS || 3 * day
  return {
    provider: 'in-house' as const,
    hasSignUp: false,
    /** Stored with each account, so it must not change while the migration runs. */
    issuer,
    issuers: [issuer] as [string, ...string[]],
    /** The address at which Stytch asks about a session: app/(cutover)/api/legacy/userinfo. */
    userinfoUrls: [`${baseUrl}/api/legacy/userinfo`],
    /** The first one signs. All of them verify. */
    sessionSecrets: env.LEGACY_SESSION_SECRET,
    sessionSeconds,
    /** The mail service of the product. Null without one: nobody can set a password by a mail then. */
    mail: env.LEGACY_MAIL_URL ? { url: env.LEGACY_MAIL_URL, token: env.LEGACY_MAIL_TOKEN } : null,
    inactivitySeconds: sessionSeconds,
    /** The in-house login has no organizations, no enterprise connections and no Management API. */
    team: null,
    ssoDomains: [],
    management: null,
  }
}
