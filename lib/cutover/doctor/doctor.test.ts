import { spawn } from 'node:child_process'
import pg from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { postgresAt } from '../../../sandbox/postgres-server.ts'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { parseConfig } from '../../config'
import { createTestDatabase } from '../../db/testing'
import { environmentChecks } from './environment-checks'
import { appBaseUrl, runForTest, setUpPractice } from './testing'

type Env = Record<string, string>

const practice = setUpPractice()
const doctor = (changes: Env = {}, args: string[] = []) =>
  runForTest({ ...practice.env, ...changes }, args)

/** A database without tables. */
const emptyDatabase = () => {
  const { url, template } = inject('postgres')
  return postgresAt(url).createDatabase(template.replace('template', crypto.randomUUID()))
}

async function databaseWithoutTimeout(): Promise<string> {
  const url = await createTestDatabase()
  const client = new pg.Client(url)
  await client.connect()
  await client.query(
    `do $$ begin execute format('alter role %I in database %I set statement_timeout = 0', current_user, current_database()); end $$`,
  )
  await client.end()
  return url
}

/** Changes a setting of a stand-in. The environment stays as it is. */
const atStytch = async (setting: string, value: object): Promise<Env> => {
  expect((await practice.stytch('PUT', setting, value)).status).toBe(200)
  return {}
}
const atAuth0 = async (setting: string, value: object): Promise<Env> => {
  expect((await practice.auth0('PUT', setting, value)).status).toBe(200)
  return {}
}

/** One mistake for each line: the code that must name it, and how it is planted. */
const mistakes: [code: string, mistake: string, plant: () => Promise<Env> | Env][] = [
  [
    'environment',
    'a live project id on a test environment',
    () => ({ STYTCH_PROJECT_ID: 'project-live-1' }),
  ],
  ['environment', 'no STYTCH_PROJECT_ENV', () => ({ STYTCH_PROJECT_ENV: '' })],
  ['secrets', 'two equal secrets', () => ({ AUTH0_SECRET: appEnvironment.COOKIE_SECRET ?? '' })],
  [
    'secrets',
    'the secret of a webhook that is used twice',
    () => ({ AUTH0_WEBHOOK_SECRET: appEnvironment.POLICY_READER_SECRET ?? '' }),
  ],
  [
    'forward_writes',
    'neither a stream nor the poll',
    () => ({ FORWARD_WRITES: 'on', AUTH0_WEBHOOK_SECRET: '', AUTH0_POLL_SECONDS: '0' }),
  ],
  [
    'stytch_credentials',
    'a secret of another project',
    () => ({ STYTCH_SECRET: 'secret-test-other' }),
  ],
  [
    'stytch_public_token',
    'an unknown public token',
    () => ({ STYTCH_PUBLIC_TOKEN: 'public-token-test-other' }),
  ],
  ['stytch_keys', 'no published keys', () => atStytch('jwks', { mode: 'empty' })],
  ['stytch_userinfo_url', 'no userinfo URL', () => atStytch('project', { userinfoUrl: null })],
  [
    'stytch_userinfo_url',
    'the userinfo URL of another tenant',
    () => atStytch('project', { userinfoUrl: 'https://other.example/userinfo' }),
  ],
  ['stytch_redirect_url', 'no redirect URL', () => atStytch('project', { redirectUrls: [] })],
  ['stytch_pkce', 'PKCE not required', () => atStytch('project', { pkceRequired: false })],
  [
    'stytch_email_templates',
    'a mail without its code',
    () => atStytch('project', { emailTemplates: { ONE_TIME_PASSCODE: '<p>Hello</p>' } }),
  ],
  [
    'stytch_login_methods',
    'the frontend SDK off',
    () => atStytch('project', { sdkEnabled: false }),
  ],
  [
    'auth0_discovery',
    'a custom domain that is another tenant',
    () => ({ AUTH0_CUSTOM_DOMAIN: practice.env.STYTCH_API_URL ?? '' }),
  ],
  ['auth0_keys', 'a weak key', () => atAuth0('jwks', { mode: 'weak' })],
  [
    'auth0_client_secret',
    'a wrong client secret',
    () => ({ AUTH0_CLIENT_SECRET: 'wrong-secret-of-the-client' }),
  ],
  [
    'auth0_callback',
    'no callback URL',
    () => atAuth0('tenant', { callbackUrls: ['https://other.example/auth/callback'] }),
  ],
  [
    'auth0_team_callback',
    'no callback URL of the teams',
    () => atAuth0('tenant', { callbackUrls: [`${appBaseUrl}/auth/callback`] }),
  ],
  [
    'auth0_team_client_secret',
    'a wrong secret of the client of the teams',
    () => ({ AUTH0_TEAM_CLIENT_SECRET: 'wrong-secret-of-the-team-client' }),
  ],
  [
    'auth0_team_logout',
    'no logout URL of the teams',
    () => atAuth0('tenant', { logoutUrls: [`${appBaseUrl}/`] }),
  ],
  [
    'auth0_audience',
    'an unknown audience',
    () => ({ AUTH0_AUDIENCE: 'https://api.other.example/' }),
  ],
  ['auth0_logout', 'no logout URL', () => atAuth0('tenant', { logoutUrls: [] })],
  [
    'auth0_management_client',
    'a wrong secret of the machine client',
    () => ({ AUTH0_MANAGEMENT_CLIENT_SECRET: 'wrong-secret-of-the-machine' }),
  ],
  [
    'auth0_management_scopes',
    'a missing scope',
    () => atAuth0('tenant', { managementScope: 'read:users create:users read:clients' }),
  ],
  [
    'auth0_management_scopes',
    'no scope for the members of an organization',
    () =>
      atAuth0('tenant', {
        managementScope: 'read:users create:users update:users delete:users read:organizations',
      }),
  ],
  [
    'auth0_refresh_tokens',
    'no refresh-token rotation',
    () => atAuth0('tenant', { refreshTokenRotation: false }),
  ],
  [
    'auth0_api',
    'tokens signed with HS256',
    () => atAuth0('tenant', { apiSigningAlgorithm: 'HS256' }),
  ],
  ['clock', 'a clock that is two minutes off', () => atStytch('clock', { offsetSeconds: 120 })],
  [
    'database',
    'a database that does not answer',
    () => ({ DATABASE_URL: 'postgres://u:p4ssw0rd@localhost:1/x' }),
  ],
  [
    'database_migrations',
    'a database without tables',
    async () => ({ DATABASE_URL: await emptyDatabase() }),
  ],
  [
    'database_timeout',
    'a role without statement_timeout',
    async () => ({ DATABASE_URL: await databaseWithoutTimeout() }),
  ],
]

describe('npm run doctor', () => {
  it('finds nothing wrong with the stand-ins, and can check everything', async () => {
    const { code, text, codes } = await doctor()
    expect(codes('ok').length, text).toBeGreaterThanOrEqual(25)
    expect(text).toMatch(/\n\d+ ok, 0 problems, 0 warnings, 0 not checked$/)
    expect(code).toBe(0)
  })

  it.each(mistakes)('names %s: %s', async (name, _, plant) => {
    const { code, problems, text } = await doctor(await plant())
    expect(problems, text).toContain(name)
    expect(code).toBe(1)
    // Each problem says where to change it.
    expect(text).toMatch(new RegExp(`^problem +${name} .*\\n +-> \\S`, 'm'))
  })

  it('names fourteen planted mistakes at once', async () => {
    await atStytch('project', {
      userinfoUrl: null,
      redirectUrls: [],
      pkceRequired: false,
    })
    await atStytch('clock', { offsetSeconds: -90 })
    await atAuth0('tenant', {
      callbackUrls: ['https://other.example/auth/callback'],
      logoutUrls: [],
      refreshTokenRotation: false,
      managementScope: 'read:users read:clients read:tenant_settings read:resource_servers',
      apiSigningAlgorithm: 'HS256',
    })
    const { code, problems } = await doctor({
      AUTH0_SECRET: appEnvironment.COOKIE_SECRET ?? '',
      AUTH0_CLIENT_SECRET: 'wrong-secret-of-the-client',
      DATABASE_URL: await databaseWithoutTimeout(),
    })
    expect(problems.sort()).toEqual([
      'auth0_api',
      'auth0_callback',
      'auth0_client_secret',
      'auth0_logout',
      'auth0_management_scopes',
      'auth0_refresh_tokens',
      'auth0_team_callback',
      'auth0_team_logout',
      'clock',
      'database_timeout',
      'secrets',
      'stytch_pkce',
      'stytch_redirect_url',
      'stytch_userinfo_url',
    ])
    expect(code).toBe(1)
  })

  it('warns when a session lasts longer at Auth0 than in this app', async () => {
    await atAuth0('tenant', { sessionHours: 168 })
    const { code, warnings, text } = await doctor()
    expect(warnings).toEqual(['auth0_session_lifetime'])
    expect(text).toContain('AUTH0_SESSION_ABSOLUTE_DURATION')
    expect(code).toBe(0)
  })

  it('warns about test keys on a public address', async () => {
    const changes = {
      SANDBOX: 'false',
      APP_BASE_URL: 'https://app.example.com',
      STYTCH_API_URL: '',
    }
    const own = { ...practice.env, ...changes }
    const check = environmentChecks(own, parseConfig(own)).find(({ code }) => code === 'address')
    expect(await check?.run()).toMatchObject({ state: 'warning', where: 'STYTCH_PROJECT_ENV' })
  })

  it('answers 2 when it could not check something', async () => {
    await atAuth0('faults', [{ path: '/v2/logout', status: 503 }])
    const { code, codes } = await doctor({
      STYTCH_WORKSPACE_KEY_ID: '',
      STYTCH_WORKSPACE_KEY_SECRET: '',
    })
    expect(codes('unchecked')).toEqual([
      'stytch_userinfo_url',
      'stytch_redirect_url',
      'stytch_session_duration',
      'stytch_email_templates',
      'stytch_login_methods',
      'auth0_logout',
      'auth0_team_logout',
    ])
    expect(code).toBe(2)
  })

  it('finds the host of a team that is not registered at Auth0', async () => {
    const own = new URL(appBaseUrl).host
    expect((await doctor({ TEAM_HOSTS: `acme.${own}` })).problems).toEqual([])
    const { problems, text } = await doctor({ TEAM_HOSTS: `acme.${own}, globex.${own}` })
    expect(problems).toEqual(['auth0_team_callback', 'auth0_team_logout'])
    expect(text).toContain(`http://globex.${own}/team/auth/callback`)
  })

  it('asks each question only once', async () => {
    await practice.stytch('DELETE', 'requests')
    await practice.auth0('DELETE', 'requests')
    await doctor()
    const asked = [
      ...(await practice.stytch('GET', 'requests')).body,
      ...(await practice.auth0('GET', 'requests')).body,
    ].map(({ path }: { path: string }) => path.replace(/bootstrap\/.*/, 'bootstrap'))
    for (const [path, times] of [
      ['/v1/debug/whoami', 1],
      ['/sdk/v1/projects/bootstrap', 1],
      // Once for each application: that of the consumers, and that of the teams.
      ['/authorize', 2],
    ] as const) {
      expect(
        asked.filter((each) => each === path),
        asked.join(' '),
      ).toHaveLength(times)
    }
  })

  it.each(['AUTH0_WEBHOOK_SECRET', 'CONTROL_TOKEN'])(
    'names a short %s, whose route stays closed',
    async (name) => {
      const own = { ...practice.env, CONTROL_TOKEN: '', METRICS_TOKEN: '', CRON_SECRET: '' }
      const env = { ...own, SANDBOX: 'false', [name]: 'too-short-by-one-character-or-2' }
      const check = environmentChecks(env, null).find(({ code }) => code === 'secrets')
      expect(await check?.run()).toMatchObject({
        state: 'problem',
        text: expect.stringContaining(`${name} is shorter`),
      })
    },
  )

  it('finds a missing userinfo URL without a key of the workspace', async () => {
    await atStytch('project', { userinfoUrl: null })
    const withoutKey = { STYTCH_WORKSPACE_KEY_ID: '', STYTCH_WORKSPACE_KEY_SECRET: '' }
    expect((await doctor(withoutKey)).problems).toEqual(['stytch_userinfo_url'])
  })

  it('prints no secret', async () => {
    const url = 'postgres://u:p4ssw0rd@localhost:1/x'
    const { text } = await doctor({ DATABASE_URL: url }, ['--migrate', 'ada@example.com'])
    const secrets = Object.entries(practice.env).filter(([name]) => /SECRET|TOKEN$/.test(name))
    expect(secrets.length).toBeGreaterThan(8)
    for (const [name, value] of secrets) expect(text.includes(value), name).toBe(false)
    expect(text).not.toMatch(/p4ssw0rd|eyJ/)
  })
})

it('runs as a command, whose exit code scripts can read', async () => {
  await atStytch('project', { pkceRequired: false })
  const child = spawn(process.execPath, ['lib/cutover/doctor/run.mjs'], {
    env: { ...process.env, ...practice.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(output).toMatch(/^problem +stytch_pkce/m)
  expect(code, output).toBe(1)
})
