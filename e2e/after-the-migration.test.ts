import { execSync } from 'node:child_process'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { postgresAt } from '../sandbox/postgres-server.ts'
import { next, root, startNode, stopAll } from '../sandbox/processes.ts'
import { appEnvironment, demoPassword } from '../sandbox/settings.ts'
import { controlClient } from '../sandbox/stand-in/control-client.ts'
import { startStytchStandIn } from '../sandbox/stytch/server.ts'

/** Follows docs/after-the-migration/README.md on a copy of the app. The copy must work without any other change. */

// The copy lies inside the repository, so that Node finds its packages. Git ignores the folder.
const copy = join(root, '.data/after-the-migration')
const deleted = ['lib/cutover', 'lib/legacy', 'app/(cutover)']
/** The files that the instructions replace. Each pair has the new file and its path in the copy. */
const replaced = [
  ['middleware.ts', 'middleware.ts'],
  ['seam.ts', 'lib/seam.ts'],
  ['team-seam.ts', 'lib/team/seam.ts'],
  ['app-seam.tsx', 'app/seam.tsx'],
  ['page.tsx', 'app/page.tsx'],
  ['migrate-database.ts', 'lib/server/migrate-database.ts'],
] as const
const kept = [
  'app',
  'lib',
  'public',
  'next.config.ts',
  'instrumentation.ts',
  'tsconfig.json',
  'postcss.config.mjs',
]
const instructions = join(root, 'docs/after-the-migration')

let app: string
let databaseUrl: string
let standIn: Awaited<ReturnType<typeof startStytchStandIn>>

beforeAll(async () => {
  rmSync(copy, { recursive: true, force: true })
  for (const entry of kept) {
    cpSync(join(root, entry), join(copy, entry), {
      recursive: true,
      // Tests import the stand-ins and the embedded Postgres. The copy has neither.
      filter: (path) => !/\.test\.tsx?$|\/testing\.ts$/.test(path),
    })
  }
  for (const folder of deleted) rmSync(join(copy, folder), { recursive: true })
  for (const [from, to] of replaced) cpSync(join(instructions, from), join(copy, to))
  // Next then looks for packages in this repository, and not only in the copy.
  const config = readFileSync(join(copy, 'next.config.ts'), 'utf8')
  writeFileSync(
    join(copy, 'next.config.ts'),
    config.replace('root: import.meta.dirname', `root: ${JSON.stringify(root)}`),
  )

  standIn = await startStytchStandIn({ port: 0 })
  databaseUrl = await postgresAt(inject('postgres').url).createDatabase('after_the_migration')
  const port = await freePort()
  app = `http://localhost:${port}`
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...appEnvironment,
    NODE_ENV: 'production',
    APP_BASE_URL: app,
    STYTCH_API_URL: standIn.url,
    DATABASE_URL: databaseUrl,
  }
  // The database of a product that has migrated has the tables of the migration.
  for (const code of [root, copy]) {
    if (code === copy) generateMigration()
    const script = join(code, 'lib/server/migrate-database.ts')
    const migration = startNode('migration', [script], { env })
    expect(await migration.ended, migration.output()).toBe(0)
  }
  const build = startNode('build', [next, 'build', copy], { env })
  expect(await build.ended, build.output()).toBe(0)
  startNode('app', [next, 'start', copy, '-p', String(port), '-H', 'localhost'], { env })
  await vi.waitFor(async () => expect((await fetch(`${app}/`)).status).toBe(200), {
    timeout: 30_000,
  })
}, 240_000)

afterAll(async () => {
  await stopAll()
  await standIn.close()
  rmSync(copy, { recursive: true, force: true })
})

it('the instructions list exactly the folders that this test deletes', () => {
  const [, first] =
    /1\. Delete (.*?)\n2\./s.exec(readFileSync(join(instructions, 'README.md'), 'utf8')) ?? []
  expect([...(first ?? '').matchAll(/`([^`]+)`/g)].map(([, path]) => path)).toEqual(deleted)
  const [, second] =
    /2\. Put (.*?)\n3\./s.exec(readFileSync(join(instructions, 'README.md'), 'utf8')) ?? []
  const puts = [...(second ?? '').matchAll(/\[([\w.-]+)\]\(\1\) at `([^`]+)`/g)]
  expect(puts.map(([, from, to]) => [from, to])).toEqual(replaced)
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
  const tables = [
    ...readFileSync(join(root, 'lib/cutover/schema.ts'), 'utf8').matchAll(/pgTable\(\s*'(\w+)'/g),
  ].map(([, table]) => table)
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

/** Runs `npm run db:generate` in the copy. */
function generateMigration(): void {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const PATH = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`
  execSync(scripts['db:generate'], {
    cwd: copy,
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

it('refuses a copied session after a sign-out while Stytch does not answer', async () => {
  const cookie = await signIn()
  const control = controlClient(standIn.url)
  await control('PUT', 'faults', [{ path: '/v1/sessions/revoke', drop: true }])
  const signedOut = await submit('/dashboard', 'Sign out', {}, cookie)
  expect(signedOut.status).toBe(303)
  await control('DELETE', 'faults')
  const copy = await fetch(`${app}/api/me`, { headers: { cookie } })
  expect(copy.status).toBe(401)
  expect(await copy.json()).toMatchObject({ error: { code: 'session_ended' } })
})

/** Signs in with a password. Returns the cookies. */
async function signIn(): Promise<string> {
  const fields = { email: 'ada@example.com', password: demoPassword }
  const signedIn = await submit('/login?with=password', 'name="password"', fields)
  expect(signedIn.status).toBe(303)
  const cookies = signedIn.headers.getSetCookie().map((each) => each.split(';')[0])
  expect(cookies.join()).toContain('stytch_session=')
  return cookies.join('; ')
}

/** Submits the form of a page that contains `mark`, as a browser without script does. */
async function submit(
  path: string,
  mark: string,
  fields: Record<string, string>,
  cookie = '',
): Promise<Response> {
  const page = await fetch(`${app}${path}`, { headers: { cookie } })
  const html = (await page.text()).match(/<form.*?<\/form>/gs)?.find((each) => each.includes(mark))
  const body = new FormData()
  for (const [input] of (html ?? '').matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const attribute = (name: string) =>
      new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1]?.replaceAll('&quot;', '"') ?? ''
    body.append(attribute('name'), attribute('value'))
  }
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  const headers = { origin: app, cookie }
  return fetch(`${app}${path}`, { method: 'POST', body, headers, redirect: 'manual' })
}

/** Returns a free port. Another process may still take it before the app does. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, 'localhost', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
