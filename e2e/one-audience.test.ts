import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { startAuth0StandIn } from '../sandbox/auth0/server.ts'
import { postgresAt } from '../sandbox/postgres-server.ts'
import { root, stopAll } from '../sandbox/processes.ts'
import { appEnvironment, demoPassword } from '../sandbox/settings.ts'
import { startStytchStandIn } from '../sandbox/stytch/server.ts'
import {
  buildAndStart,
  type Changes,
  cookiesOf,
  copyStarter,
  expectInstructions,
  freePort,
  generateMigration,
  migrate,
  submitForm,
} from './starter-copy.ts'
import { untilInForce } from './world/policy.ts'

/** Follows docs/one-audience.md on a copy of the app. */

const onlyConsumers = {
  deleted: [
    'app/team',
    'app/api/team',
    'app/(cutover)/team',
    'app/(cutover)/control/organizations',
    'lib/team',
    'lib/cutover/team',
    'lib/legacy/team',
  ],
  replaced: [
    ['teams.ts', 'lib/teams.ts'],
    ['cutover-teams.ts', 'lib/cutover/teams.ts'],
    ['member-migration.ts', 'lib/cutover/member-migration.ts'],
    ['revocation-members.ts', 'lib/cutover/revocation/members.ts'],
    ['organization-aliases.ts', 'lib/cutover/policy/organization-aliases.ts'],
    ['organization-names.ts', 'lib/cutover/policy/organization-names.ts'],
    ['team-control-pages.ts', 'app/(cutover)/control/team-control-pages.ts'],
  ],
} satisfies Changes

let app: string
let copy: string
let close: () => Promise<unknown>

beforeAll(async () => {
  copy = copyStarter('only-consumers', 'docs/one-audience', onlyConsumers)
  app = `http://localhost:${await freePort()}`
  const stytch = await startStytchStandIn({ port: 0 })
  const auth0 = await startAuth0StandIn({ port: 0, appBaseUrl: app })
  close = () => Promise.all([stytch.close(), auth0.close()])
  const withoutTeams = Object.keys(appEnvironment).filter((name) =>
    /^(?:STYTCH_B2B_|AUTH0_TEAM_|TEAM_HOSTS$|ORGANIZATION_ROLES$)/.test(name),
  )
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...appEnvironment,
    ...Object.fromEntries(withoutTeams.map((name) => [name, ''])),
    NODE_ENV: 'production',
    PORT: new URL(app).port,
    APP_BASE_URL: app,
    STYTCH_API_URL: stytch.url,
    AUTH0_DOMAIN: auth0.url,
    DATABASE_URL: await postgresAt(inject('postgres').url).createDatabase('only_consumers'),
  }
  generateMigration(copy)
  await migrate(copy, env)
  await buildAndStart(copy, env)
}, 240_000)

afterAll(async () => {
  await stopAll()
  await close?.()
  rmSync(copy, { recursive: true, force: true })
})

it('the instructions list exactly what this test deletes and replaces', () => {
  const page = readFileSync(join(root, 'docs/one-audience.md'), 'utf8')
  expectInstructions(page.slice(page.indexOf('## Only consumers')), onlyConsumers)
})

it('signs a consumer in at either provider, as the policy says, and has no page of a team', async () => {
  const legacy = await fetch(`${app}/dashboard`, { redirect: 'manual' })
  expect(legacy.headers.get('location')).toBe('/login?returnTo=%2Fdashboard')
  expect(await (await fetch(`${app}/login`)).text()).toContain('Continue to sign in')
  const start = await fetch(`${app}/auth/login`, { redirect: 'manual' })
  expect(start.headers.get('location')).toContain('/authorize?')

  await moveEverybody()
  const fields = { email: 'ada@example.com', password: demoPassword }
  const login = new URL('/login?with=password', app)
  const signedIn = await submitForm(login, 'name="password"', fields)
  expect(signedIn.status).toBe(303)
  const cookie = cookiesOf(signedIn)
  const dashboard = await fetch(`${app}/dashboard`, { headers: { cookie } })
  expect(dashboard.status).toBe(200)
  const html = await dashboard.text()
  expect(html).toContain('ada@example.com')
  expect(html).not.toContain('href="/team"')
  for (const path of ['/team', '/team/acme', '/api/team/acme/me']) {
    expect((await fetch(`${app}${path}`, { headers: { cookie } })).status).toBe(404)
  }
})

it('refuses to migrate a session into an organization', async () => {
  const answer = await fetch(`${app}/api/sessions/migrate`, {
    method: 'POST',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: JSON.stringify({ organization_id: 'acme' }),
  })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ error: { code: 'organizations_not_supported' } })
})

/** Changes the policy, so that every visitor gets the Stytch login. */
async function moveEverybody(): Promise<void> {
  const response = await fetch(`${app}/api/policy`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${appEnvironment.CONTROL_TOKEN}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ cohort: 'everybody', carrySessions: true, note: '' }),
  })
  expect(response.status).toBe(200)
  await untilInForce(((await response.json()) as { version: number }).version, app)
}
