import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { startAuth0StandIn } from '../sandbox/auth0/server.ts'
import { freePort } from '../sandbox/free-port.ts'
import { postgresAt } from '../sandbox/postgres-server.ts'
import { root, stopAll } from '../sandbox/processes.ts'
import { appEnvironment, auth0Tenant, demoPassword, stytchMember } from '../sandbox/settings.ts'
import { startStytchStandIn } from '../sandbox/stytch/server.ts'
import {
  buildAndStart,
  buildTimeout,
  type Changes,
  cookiesOf,
  copyStarter,
  expectInstructions,
  generateMigration,
  migrate,
  signInToTeam,
  submitForm,
} from './starter-copy.ts'

/** Follows docs/one-audience.md on two copies of the app. */

const onlyConsumers = {
  deleted: [
    'app/team',
    'app/api/team',
    'app/(cutover)/team',
    'app/(cutover)/control/organizations',
    'lib/team',
    'lib/cutover/team',
    'lib/cutover/mirror/team',
    'lib/cutover/revocation/legacy-membership.ts',
    'lib/cutover/backfill/organizations',
    'lib/cutover/backfill/sso',
    'lib/cutover/backfill/password-policies',
    'lib/legacy/auth0/team',
  ],
  replaced: [
    ['teams.ts', 'lib/teams.ts'],
    ['cutover-teams.ts', 'lib/cutover/teams.ts'],
    ['member-migration.ts', 'lib/cutover/member-migration.ts'],
    ['mirror-members.ts', 'lib/cutover/mirror/members.ts'],
    ['revocation-members.ts', 'lib/cutover/revocation/members.ts'],
    ['team-commands.ts', 'lib/cutover/backfill/team-commands.ts'],
    ['organization-aliases.ts', 'lib/cutover/policy/organization-aliases.ts'],
    ['organization-names.ts', 'lib/cutover/policy/organization-names.ts'],
    ['team-control-pages.ts', 'app/(cutover)/control/team-control-pages.ts'],
  ],
} satisfies Changes

const onlyTeams = {
  deleted: ['app/(consumer)', 'app/(cutover)/_tour'],
  replaced: [
    ['consumers.ts', 'lib/consumers.ts'],
    ['viewer.ts', 'lib/viewer.ts'],
    ['cutover-teams.ts', 'lib/cutover/teams.ts'],
    ['app-consumers.ts', 'app/consumers.ts'],
    ['page.tsx', 'app/(cutover)/page.tsx'],
  ],
} satisfies Changes

let app: string
let stytchUrl: string
let copy: string
let close: () => Promise<unknown>

/**
 * Starts a copy beside both stand-ins.
 * @param folder of the new files
 * @param environment what differs from the demo
 */
async function start(
  name: string,
  folder: string,
  changes: Changes,
  environment: Record<string, string>,
): Promise<void> {
  copy = copyStarter(name, folder, changes)
  app = `http://localhost:${await freePort()}`
  const stytch = await startStytchStandIn({ port: 0 })
  const auth0 = await startAuth0StandIn({ port: 0, appBaseUrl: app })
  stytchUrl = stytch.url
  close = () => Promise.all([stytch.close(), auth0.close()])
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...appEnvironment,
    ...environment,
    NODE_ENV: 'production',
    PORT: new URL(app).port,
    APP_BASE_URL: app,
    STYTCH_API_URL: stytch.url,
    AUTH0_DOMAIN: auth0.url,
    DATABASE_URL: await postgresAt(inject('postgres').url).createDatabase(
      name.replaceAll('-', '_'),
    ),
  }
  generateMigration(copy)
  await migrate(copy, env)
  await buildAndStart(copy, env)
}

async function stop(): Promise<void> {
  await stopAll()
  await close?.()
  rmSync(copy, { recursive: true, force: true })
}

/** The settings of the demo that match, all empty. */
const without = (pattern: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.keys(appEnvironment)
      .filter((name) => pattern.test(name))
      .map((name) => [name, '']),
  )

const page = readFileSync(join(root, 'docs/one-audience.md'), 'utf8')
const get = (path: string, cookie = '') =>
  fetch(`${app}${path}`, { headers: { cookie }, redirect: 'manual' })

/** Changes the policy, so that every visitor gets the Stytch login. @param login a login page */
async function moveEverybody(login: string): Promise<void> {
  expect(await (await get(login)).text()).toContain('Continue to sign in')
  const response = await fetch(`${app}/api/policy`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${appEnvironment.CONTROL_TOKEN}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ cohort: 'everybody', carrySessions: true, note: '' }),
  })
  expect(response.status).toBe(200)
  await vi.waitFor(async () => expect(await (await get(login)).text()).toContain('Email'), {
    timeout: 20_000,
  })
}

const migrateSession = (body: object) =>
  fetch(`${app}/api/sessions/migrate`, {
    method: 'POST',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

describe('a product with only consumers', () => {
  beforeAll(
    () =>
      start(
        'only-consumers',
        'docs/one-audience',
        onlyConsumers,
        without(/^(?:STYTCH_B2B_|AUTH0_TEAM_|TEAM_HOSTS$|ORGANIZATION_ROLES$)/),
      ),
    buildTimeout,
  )
  afterAll(stop)

  it('deletes and replaces exactly what the instructions say', () => {
    const [, section = ''] = page.split('## Only consumers')
    expectInstructions(section, onlyConsumers)
  })

  it('signs a consumer in at either provider, as the policy says, and has no page of a team', async () => {
    const legacy = await get('/dashboard')
    expect(legacy.headers.get('location')).toBe('/login?returnTo=%2Fdashboard')
    expect((await get('/auth/login')).headers.get('location')).toContain('/authorize?')

    await moveEverybody('/login')
    const fields = { email: 'ada@example.com', password: demoPassword }
    const login = new URL('/login?with=password', app)
    const signedIn = await submitForm(login, 'name="password"', fields)
    expect(signedIn.status).toBe(303)
    const cookie = cookiesOf(signedIn)
    const dashboard = await get('/dashboard', cookie)
    expect(dashboard.status).toBe(200)
    const html = await dashboard.text()
    expect(html).toContain('ada@example.com')
    expect(html).not.toContain('href="/team"')
    for (const path of ['/team', '/team/acme', '/api/team/acme/me']) {
      expect((await get(path, cookie)).status).toBe(404)
    }
  })

  it('refuses to migrate a session into an organization', async () => {
    const answer = await migrateSession({ organization_id: 'acme' })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { code: 'organizations_not_supported' } })
  })
})

describe('a product with only teams', () => {
  const { email } = stytchMember
  const { clientId, clientSecret } = auth0Tenant.team
  beforeAll(
    () =>
      start('only-teams', 'docs/one-audience/teams', onlyTeams, {
        ...without(/^STYTCH_(?:PROJECT_ID|SECRET|PUBLIC_TOKEN)$/),
        // One application at Auth0, and its cookie, serve the whole product.
        AUTH0_CLIENT_ID: clientId,
        AUTH0_CLIENT_SECRET: clientSecret,
        AUTH0_TEAM_SECRET: appEnvironment.AUTH0_SECRET as string,
        AUTH0_TEAM_SESSION_COOKIE: '__session',
        OPERATOR_EMAILS: email,
      }),
    buildTimeout,
  )
  afterAll(stop)

  it('deletes and replaces exactly what the instructions say', () => {
    const [, section = ''] = page.split('## Only teams')
    expectInstructions(section, onlyTeams)
  })

  it('signs a member in at either provider, as the policy says, and has no page of a consumer', async () => {
    const legacy = await get('/team/acme')
    expect(legacy.headers.get('location')).toBe('/team/acme/login?returnTo=%2Fteam%2Facme')
    const start = await get('/team/auth/login?organization=acme')
    expect(start.headers.get('location')).toContain('/authorize?')

    await moveEverybody('/team/acme/login')
    const cookie = await signInToTeam(app, stytchUrl, { email, slug: 'acme' })
    const team = await get('/team/acme', cookie)
    expect(team.status).toBe(200)
    const html = await team.text()
    expect(html).toContain(email)
    expect(html).not.toContain('href="/dashboard"')
    for (const path of ['/login', '/dashboard', '/authenticate', '/api/me']) {
      expect((await get(path, cookie)).status).toBe(404)
    }
  })

  it('lets an operator in as a member, and nobody else', async () => {
    const anonymous = await get('/control')
    expect(anonymous.headers.get('location')).toBe('/team/login?returnTo=%2Fcontrol')
    const cookie = await signInToTeam(app, stytchUrl, { email, slug: 'acme' })
    expect((await get('/control', cookie)).status).toBe(200)
    const barbara = { email: 'barbara@acme.example', slug: 'acme' }
    const other = await signInToTeam(app, stytchUrl, barbara)
    expect((await get('/control', other)).status).toBe(403)
  })

  it('needs no key of a project for consumers', async () => {
    const health = await (await get('/api/health')).json()
    expect(health).toMatchObject({ ok: true, stytchTeams: 'ok' })
    const answer = await migrateSession({})
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { code: 'organization_required' } })
  })
})
