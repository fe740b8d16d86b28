import { type Config, parseConfig } from '../../config'
import { readDeployment } from '../../deployment'
import { ConfigError, type Environment } from '../../environment'
import { type LegacyConfig, parseLegacyConfig } from '../../legacy/config'
import { parseCutoverConfig } from '../config'
import { type Check, type Finding, ok, problem, warning } from './finding'
import type { WorkspaceKey } from './stytch-management'
import { parseWorkspaceKey } from './workspace-key'

export type Settings = {
  product: Config | null
  legacy: LegacyConfig | null
  workspaceKey: WorkspaceKey | null
  findings: Finding[]
}

/** Parses the environment as the app does when it starts. A setting with an error is null. */
export function readSettings(env: Environment): Settings {
  const product = {
    sandbox: env.SANDBOX === 'true',
    appBaseUrl: (env.APP_BASE_URL ?? '').replace(/\/+$/, ''),
  }
  const problems: string[] = []
  const attempt = <T>(parse: () => T): T | null => {
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
      return null
    }
  }
  const settings = {
    product: attempt(() => parseConfig(env)),
    legacy: attempt(() => parseLegacyConfig(env, product)),
    workspaceKey: attempt(() => parseWorkspaceKey(env)),
  }
  attempt(() => parseCutoverConfig(env, product))
  const outcomes = problems.map((text) => problem(text, text.split(' ', 1)[0] ?? ''))
  if (outcomes.length === 0) outcomes.push(ok('The app would start with these variables.'))
  return {
    ...settings,
    findings: outcomes.map((outcome) => ({ code: 'environment', ...outcome })),
  }
}

/** Each secret protects something else, so that a leak of one opens nothing else. */
const secretNames = [
  'COOKIE_SECRET',
  'POLICY_READER_SECRET',
  'AUTH0_SECRET',
  'LEGACY_SESSION_SECRET',
  'AUTH0_CLIENT_SECRET',
  'AUTH0_TEAM_SECRET',
  'AUTH0_MANAGEMENT_CLIENT_SECRET',
  'STYTCH_SECRET',
  'STYTCH_WEBHOOK_SECRET',
  'STYTCH_B2B_WEBHOOK_SECRET',
  'AUTH0_WEBHOOK_SECRET',
  'CONTROL_TOKEN',
  'METRICS_TOKEN',
  'CRON_SECRET',
]

/** The tokens of the routes for scripts and for Auth0. The app closes the route of a shorter one. */
const tokenNames = ['CONTROL_TOKEN', 'METRICS_TOKEN', 'CRON_SECRET', 'AUTH0_WEBHOOK_SECRET']

export const environmentChecks = (env: Environment, config: Config | null): Check[] => [
  {
    code: 'secrets',
    run() {
      const names = new Map<string, Set<string>>()
      for (const name of secretNames) {
        // A rotated secret is a list.
        for (const item of (env[name] ?? '').split(/[,\n]/)) {
          const value = item.trim()
          if (value) names.set(value, (names.get(value) ?? new Set()).add(name))
        }
      }
      const reused = [...names.values()].find(({ size }) => size > 1)
      if (reused) {
        const list = [...reused].join(' and ')
        return problem(`${list} have the same value.`, `${list}: openssl rand -hex 32`)
      }
      const guessable = [...names].find(([value]) => new Set(value).size < 8)
      if (guessable) {
        const [name = ''] = guessable[1]
        return problem(`${name} has too few different characters.`, `${name}: openssl rand -hex 32`)
      }
      const short = tokenNames.find((name) => env[name] && (env[name] ?? '').length < 32)
      if (short && env.SANDBOX !== 'true') {
        return problem(
          `${short} is shorter than 32 characters, so its route stays closed.`,
          `${short}: openssl rand -hex 32`,
        )
      }
      return ok('All secrets are long enough and different.')
    },
  },
  {
    code: 'address',
    run() {
      if (!config) return problem('The address of the app is not known.', 'APP_BASE_URL')
      const { environment, warning: found } = readDeployment(config)
      if (found) return warning(found.text, 'STYTCH_PROJECT_ENV')
      if (environment === 'live' && !config.appBaseUrl.startsWith('https:')) {
        return warning('The live keys are used at an address without https.', 'APP_BASE_URL')
      }
      return ok(`${config.appBaseUrl}, environment ${environment}`)
    },
  },
  {
    code: 'webhook_secret',
    run: () =>
      env.STYTCH_WEBHOOK_SECRET
        ? ok('Changes that are made at Stytch reach the mirror.')
        : warning(
            'Without a webhook, a user who is changed or deleted in the Stytch dashboard stays as before at Auth0.',
            'Stytch dashboard, Webhooks; STYTCH_WEBHOOK_SECRET',
          ),
  },
  {
    code: 'forward_writes',
    run() {
      if (env.FORWARD_WRITES !== 'on')
        return ok('Off: changes of users stay at the legacy provider.')
      const hasStream = Boolean(env.AUTH0_WEBHOOK_SECRET)
      if (Number(env.AUTH0_POLL_SECONDS || 300) > 0) {
        return ok(hasStream ? 'On, by the stream and by the poll.' : 'On, by the poll.')
      }
      return hasStream
        ? warning(
            'Only the stream reports changes at Auth0, and a message that is lost never arrives.',
            'AUTH0_POLL_SECONDS',
          )
        : problem(
            'Nothing reports changes at Auth0: there is no stream, and the poll is off.',
            'AUTH0_WEBHOOK_SECRET or AUTH0_POLL_SECONDS',
          )
    },
  },
]
