import type { Environment } from '../../environment'
import { auth0Checks } from './auth0-checks'
import { auth0SettingsChecks } from './auth0-settings-checks'
import { auth0TeamChecks, teamBaseUrls } from './auth0-team-checks'
import { clockCheck } from './clock-check'
import { databaseChecks } from './database-checks'
import { environmentChecks, readSettings, type Settings } from './environment-checks'
import { type Check, type Finding, type Outcome, unchecked } from './finding'
import { readFrontendSettings } from './frontend-settings'
import { once } from './once'
import { createServices, type Services } from './service'
import { stytchChecks } from './stytch-checks'
import { stytchDashboardChecks } from './stytch-dashboard-checks'
import { migrateTestSession } from './test-migration'

/** A person whose session the doctor migrates once. */
export type TestPerson = {
  email: string
  /** Signs the person in at Auth0. @throws an error whose message says why that failed */
  signIn(settings: Settings): Promise<string>
}

export type DoctorOptions = {
  env: Environment
  now?: () => number
  testPerson?: TestPerson | null
  /** Gets each finding as soon as it is known. */
  onFinding?: (finding: Finding) => void
}

/** Checks every setting against the real services. It writes nothing, except for a migration of a test person. */
export async function diagnose(options: DoctorOptions): Promise<Finding[]> {
  const { env, now, testPerson, onFinding = () => {} } = options
  const services = createServices(now)
  const settings = readSettings(env)
  const findings: Finding[] = []
  const add = (finding: Finding) => {
    findings.push(finding)
    onFinding(finding)
  }

  settings.findings.forEach(add)
  for (const check of checksOf(env, settings, services)) add(await runCheck(check))
  if (testPerson) add(await runCheck(migrationCheck(testPerson, settings, services)))
  add(await runCheck(clockCheck(services)))
  return findings
}

function checksOf(env: Environment, settings: Settings, services: Services): Check[] {
  const { product, legacy, workspaceKey } = settings
  const readFrontend = product && once(() => readFrontendSettings(product, services))
  const stytch = product &&
    readFrontend && [
      ...stytchChecks(product, services, readFrontend),
      ...stytchDashboardChecks(product, legacy, services, workspaceKey, readFrontend),
      ...databaseChecks(product.databaseUrl),
    ]
  const auth0 =
    product && legacy?.provider === 'auth0'
      ? [
          ...auth0Checks(legacy, product.appBaseUrl, services),
          ...auth0TeamChecks(legacy, teamBaseUrls(product.appBaseUrl, env.TEAM_HOSTS), services),
          ...auth0SettingsChecks(legacy, services),
        ]
      : null
  // The in-house login is part of this app, and needs nothing but the database.
  const hasNoAuth0 = legacy !== null && legacy.provider !== 'auth0'
  return [
    ...environmentChecks(env, product),
    ...(stytch ?? notReady('stytch')),
    ...(auth0 ?? (hasNoAuth0 ? [] : notReady('auth0'))),
  ]
}

const notReady = (code: string): Check[] => [
  { code, run: () => unchecked('Correct the environment variables first.', 'environment') },
]

const migrationCheck = (
  { email, signIn }: TestPerson,
  settings: Settings,
  services: Services,
): Check => ({
  code: 'migration',
  async run() {
    const { product, legacy } = settings
    if (!product || !legacy) return unchecked('Correct the environment variables first.')
    if (legacy.provider !== 'auth0') return unchecked('The test migration needs Auth0.')
    const accessToken = await signIn(settings)
    return migrateTestSession({ product, legacy, services, email, accessToken })
  },
})

/** An error of a check says nothing about the setting. */
async function runCheck({ code, run }: Check): Promise<Finding> {
  const outcome: Outcome = await Promise.resolve()
    .then(run)
    .catch((error: Error & { code?: string }) => unchecked(describeError(error)))
  return { code, ...outcome }
}

/** Only our own errors have a message that is safe to print. That of another error may repeat a token. */
function describeError(error: Error & { code?: string }): string {
  const isOwn = ['ServiceUnreachable', 'ManagementRefusal', 'SignInFailed'].includes(error.name)
  return isOwn ? `${error.message}.` : `The check failed (${error.code ?? error.name}).`
}
