import { globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { freePort } from '../sandbox/free-port.ts'
import { postgresAt } from '../sandbox/postgres-server.ts'
import { root, stopAll } from '../sandbox/processes.ts'
import { appEnvironment, demoPassword, stytchMember } from '../sandbox/settings.ts'
import { controlClient } from '../sandbox/stand-in/control-client.ts'
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

/** Follows docs/after-the-migration/README.md on a copy of the app. */

const changes = {
  deleted: ['lib/cutover', 'lib/legacy', 'app/(cutover)'],
  replaced: [
    ['middleware.ts', 'middleware.ts'],
    ['seam.ts', 'lib/seam.ts'],
    ['team-seam.ts', 'lib/team/seam.ts'],
    ['app-seam.tsx', 'app/seam.tsx'],
    ['page.tsx', 'app/page.tsx'],
    ['migrate-database.ts', 'lib/server/migrate-database.ts'],
  ],
} satisfies Changes
const instructions = 'docs/after-the-migration'

let app: string
let copy: string
let databaseUrl: string
let standIn: Awaited<ReturnType<typeof startStytchStandIn>>

beforeAll(async () => {
  copy = copyStarter('after-the-migration', instructions, changes)
  standIn = await startStytchStandIn({ port: 0 })
  databaseUrl = await postgresAt(inject('postgres').url).createDatabase('after_the_migration')
  app = `http://localhost:${await freePort()}`
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...appEnvironment,
    NODE_ENV: 'production',
    APP_BASE_URL: app,
    STYTCH_API_URL: standIn.url,
    DATABASE_URL: databaseUrl,
  }
  // The database of a product that has migrated has the tables of the migration.
  await migrate(root, env)
  generateMigration(copy)
  await migrate(copy, env)
  await buildAndStart(copy, env)
}, buildTimeout)

afterAll(async () => {
  await stopAll()
  await standIn.close()
  rmSync(copy, { recursive: true, force: true })
})

it('the instructions list exactly what this test deletes and replaces', () => {
  expectInstructions(readFileSync(join(root, instructions, 'README.md'), 'utf8'), changes)
})

it('refuses to call a token worthless while the keys of Stytch are out of reach', async () => {
  const post = (path: string, method: string, body: object) =>
    fetch(`${standIn.url}/_sandbox/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const opened = await post('session', 'POST', { email: 'ada@example.com' })
  const { session_jwt } = (await opened.json()) as { session_jwt: string }
  await post('jwks', 'PUT', { mode: 'error' })
  const answer = await fetch(`${app}/api/me`, {
    headers: { authorization: `Bearer ${session_jwt}` },
  })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(answer.headers.has('www-authenticate')).toBe(false)
  expect(await answer.json()).toMatchObject({ error: { code: 'keys_unavailable' } })
  await post('jwks', 'PUT', { mode: 'normal' })
})

it('signs in at Stytch, keeps the session, and needs neither the legacy provider nor the policy', async () => {
  const anonymous = await fetch(`${app}/dashboard`, { redirect: 'manual' })
  expect(anonymous.status).toBe(307)
  expect(anonymous.headers.get('location')).toBe('/login?returnTo=%2Fdashboard')

  const cookie = await signIn()
  const dashboard = await fetch(`${app}/dashboard`, { headers: { cookie } })
  expect(dashboard.status).toBe(200)
  expect(await dashboard.text()).toContain('ada@example.com')
  const me = (await (await fetch(`${app}/api/me`, { headers: { cookie } })).json()) as {
    session: object
  }
  expect(me.session).toMatchObject({ lane: 'stytch' })
})

it('writes a migration that drops the tables of the migration, and no other table', async () => {
  const schemas = globSync(['lib/cutover/**/schema.ts', 'lib/legacy/**/schema.ts'], { cwd: root })
  const tables = schemas
    .flatMap((path) => [...readFileSync(join(root, path), 'utf8').matchAll(/pgTable\(\s*'(\w+)'/g)])
    .map(([, table]) => table)
  expect(tables.length).toBeGreaterThan(5)
  const before = new Set(globSync('lib/db/migrations/*.sql', { cwd: root }))
  const written = globSync('lib/db/migrations/*.sql', { cwd: copy }).filter(
    (file) => !before.has(file),
  )
  expect(written).toHaveLength(1)
  const statements = readFileSync(join(copy, written[0] as string), 'utf8')
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
  expect(statements.toSorted()).toEqual(
    tables.map((table) => `DROP TABLE "${table}" CASCADE;`).toSorted(),
  )
  const client = new pg.Client(databaseUrl)
  await client.connect()
  const { rows } = await client.query(
    `select table_name from information_schema.tables where table_schema = 'public' order by 1`,
  )
  await client.end()
  expect(rows.map(({ table_name }) => table_name)).toEqual([
    'accounts',
    'identities',
    'memberships',
    'notes',
    'organizations',
    'rate_limits',
    'revocations',
    'team_notes',
  ])
})

it('refuses a copied session after a sign-out while Stytch does not answer', async () => {
  const cookie = await signIn()
  const control = controlClient(standIn.url)
  await control('PUT', 'faults', [{ path: '/v1/sessions/revoke', drop: true }])
  const signedOut = await submit('/dashboard', 'Sign out', {}, cookie)
  expect(signedOut.status).toBe(303)
  await control('DELETE', 'faults')
  const copied = await fetch(`${app}/api/me`, { headers: { cookie } })
  expect(copied.status).toBe(401)
  expect(await copied.json()).toMatchObject({ error: { code: 'session_ended' } })
})

it('signs a member in to their team, and refuses their session elsewhere', async () => {
  const anonymous = await fetch(`${app}/team/acme`, { redirect: 'manual' })
  expect(anonymous.headers.get('location')).toBe('/team/acme/login?returnTo=%2Fteam%2Facme')
  const { email } = stytchMember
  const cookie = await signInToTeam(app, standIn.url, { email, slug: 'acme' })
  const team = await fetch(`${app}/team/acme`, { headers: { cookie } })
  expect(team.status).toBe(200)
  expect(await team.text()).toContain(email)
  expect((await fetch(`${app}/api/team/initech/me`, { headers: { cookie } })).status).toBe(403)
  expect((await fetch(`${app}/api/me`, { headers: { cookie } })).status).toBe(401)
})

/** Signs in with a password. Returns the cookies. */
async function signIn(): Promise<string> {
  const fields = { email: 'ada@example.com', password: demoPassword }
  const signedIn = await submit('/login?with=password', 'name="password"', fields)
  expect(signedIn.status).toBe(303)
  const cookie = cookiesOf(signedIn)
  expect(cookie).toContain('stytch_session=')
  return cookie
}

const submit = (path: string, mark: string, fields: Record<string, string>, cookie = '') =>
  submitForm(new URL(path, app), mark, fields, cookie)
