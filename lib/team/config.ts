import { z } from 'zod'
import { config } from '../config'
import { type Environment, parseEnvironment } from '../environment'

/** The settings of the teams: the B2B project at Stytch, and the hosts of the organizations. */

const key = (kind: 'project' | 'secret' | 'public-token') =>
  z
    .string()
    .default('')
    .refine((text) => text === '' || text.startsWith(`${kind}-`), {
      error: `does not look like ${kind}-test-… or ${kind}-live-…`,
    })

const host = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/

const schema = z.object({
  STYTCH_B2B_PROJECT_ID: key('project'),
  STYTCH_B2B_SECRET: key('secret'),
  STYTCH_B2B_PUBLIC_TOKEN: key('public-token'),
  TEAM_HOSTS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .toLowerCase()
        .split(/[,\s]+/)
        .filter(Boolean),
    )
    .pipe(
      z.array(
        z.string().regex(host, 'has an entry that is not a host such as acme.app.example.com'),
      ),
    ),
})

const keyNames = ['STYTCH_B2B_PROJECT_ID', 'STYTCH_B2B_SECRET', 'STYTCH_B2B_PUBLIC_TOKEN'] as const

function contradictions(
  env: z.infer<typeof schema>,
  kind: 'test' | 'live',
  consumerProjectId: string,
  mainHost: string,
): string[] {
  if (env.TEAM_HOSTS.includes(mainHost)) {
    return [`TEAM_HOSTS has ${mainHost}, the host of APP_BASE_URL, which belongs to no single team`]
  }
  const missing = keyNames.filter((name) => env[name] === '')
  if (missing.length === keyNames.length) return []
  if (missing.length > 0) {
    return [
      `${missing.join(' and ')} must be set too: teams need all three keys of the B2B project, or none`,
    ]
  }
  const mixed = keyNames.filter((name) => !env[name].includes(`-${kind}-`))
  const problems = mixed.map(
    (name) => `${name} is not a ${kind} key, but STYTCH_PROJECT_ENV is "${kind}"`,
  )
  if (env.STYTCH_B2B_PROJECT_ID === consumerProjectId) {
    problems.push(
      'STYTCH_B2B_PROJECT_ID equals STYTCH_PROJECT_ID: teams need a project of the kind B2B of their own',
    )
  }
  return problems
}

export type TeamConfig = {
  /** Null when the app has no teams. */
  stytch: { projectId: string; secret: string; publicToken: string } | null
  /** The hosts that are the address of one organization. The first label is its slug. */
  hosts: readonly string[]
}

/** @throws {ConfigError} */
export function parseTeamConfig(
  source: Environment,
  consumer: { kind: 'test' | 'live'; projectId: string },
  appBaseUrl: string,
): TeamConfig {
  const env = parseEnvironment(schema, source, (each) =>
    contradictions(each, consumer.kind, consumer.projectId, new URL(appBaseUrl).host),
  )
  return {
    stytch: env.STYTCH_B2B_PROJECT_ID
      ? {
          projectId: env.STYTCH_B2B_PROJECT_ID,
          secret: env.STYTCH_B2B_SECRET,
          publicToken: env.STYTCH_B2B_PUBLIC_TOKEN,
        }
      : null,
    hosts: env.TEAM_HOSTS,
  }
}

let memo: TeamConfig | undefined

/** The checked settings, parsed on first use. */
export function teamConfig(): TeamConfig {
  const { stytch, appBaseUrl } = config()
  memo ??= parseTeamConfig(process.env, stytch, appBaseUrl)
  return memo
}

/** Whether the app has teams. */
export const hasTeams = (): boolean => teamConfig().stytch !== null
