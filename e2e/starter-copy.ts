import { execSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, vi } from 'vitest'
import { next, root, startNode } from '../sandbox/processes.ts'
import { controlClient } from '../sandbox/stand-in/control-client.ts'

/** Copies of this repository to which the instructions of a page of docs are applied. */

/** What the instructions delete and replace. */
export type Changes = {
  deleted: readonly string[]
  /** Each pair has the new file in the folder of the instructions, and its path in the copy. */
  replaced: readonly (readonly [string, string])[]
}

const kept = [
  'app',
  'lib',
  'public',
  'next.config.ts',
  'instrumentation.ts',
  'middleware.ts',
  'tsconfig.json',
  'postcss.config.mjs',
]

/**
 * Copies the app and applies the changes. The copy must work without any other change.
 * @param instructions the folder of the new files
 * @returns the folder of the copy. It lies inside the repository, so that Node finds its packages. Git ignores it.
 */
export function copyStarter(name: string, instructions: string, changes: Changes): string {
  const copy = join(root, '.data', name)
  rmSync(copy, { recursive: true, force: true })
  for (const entry of kept) {
    cpSync(join(root, entry), join(copy, entry), {
      recursive: true,
      // Tests import the stand-ins and the embedded Postgres. The copy has neither.
      filter: (path) => !/\.test\.tsx?$|[/-]testing\.ts$/.test(path),
    })
  }
  for (const folder of changes.deleted) rmSync(join(copy, folder), { recursive: true })
  for (const [from, to] of changes.replaced) {
    cpSync(join(root, instructions, from), join(copy, to), { force: true })
  }
  const path = join(copy, 'next.config.ts')
  let config = readFileSync(path, 'utf8')
  for (const [from, to] of [
    // Next then looks for packages in this repository, and not only in the copy.
    ['root: import.meta.dirname', `root: ${JSON.stringify(root)}`],
    // Nobody builds the copy again. To write a cache for that takes a third of the CPU time of a build.
    ['experimental: {', 'experimental: { turbopackFileSystemCacheForBuild: false,'],
  ] as const) {
    if (!config.includes(from)) throw new Error(`next.config.ts lacks ${from}`)
    config = config.replace(from, to)
  }
  writeFileSync(path, config)
  return copy
}

/** Checks that the instructions list exactly these changes: folders in step 1, and files in step 2. */
export function expectInstructions(text: string, { deleted, replaced }: Changes): void {
  const [, first] = /^1\. Delete (.*?)\n2\./ms.exec(text) ?? []
  expect([...(first ?? '').matchAll(/`([^`]+)`/g)].map(([, path]) => path)).toEqual(deleted)
  const [, second] = /^2\. Put (.*?)\n3\./ms.exec(text) ?? []
  const puts = [...(second ?? '').matchAll(/\[([\w.-]+)\]\([\w./-]*\)\s+at\s+`([^`]+)`/g)]
  expect(puts.map(([, from, to]) => [from, to])).toEqual(replaced)
}

/** Runs `npm run db:generate` in the copy. */
export function generateMigration(copy: string): void {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const PATH = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`
  execSync(scripts['db:generate'], {
    cwd: copy,
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs `npm run db:migrate` in a folder with the code. */
export async function migrate(code: string, env: NodeJS.ProcessEnv): Promise<void> {
  const script = join(code, 'lib/server/migrate-database.ts')
  const migration = startNode('migration', [script], { env })
  expect(await migration.ended, migration.output()).toBe(0)
}

/** Long, because a build waits for the browser tests. In milliseconds. */
export const buildTimeout = 480_000

/** Builds the copy, starts it and waits until it answers. */
export async function buildAndStart(copy: string, env: NodeJS.ProcessEnv): Promise<void> {
  // The children inherit it. The build then uses the CPU time that the browser tests beside it leave.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const build = startNode('build', [next, 'build', copy], { env })
  expect(await build.ended, build.output()).toBe(0)
  const app = env.APP_BASE_URL as string
  const { port } = new URL(app)
  startNode('app', [next, 'start', copy, '-p', port, '-H', 'localhost'], { env })
  await vi.waitFor(async () => expect((await fetch(`${app}/`)).status).toBe(200), {
    timeout: 60_000,
  })
}

/** Submits the form of a page that contains `mark`, as a browser without script does. */
export async function submitForm(
  page: URL,
  mark: string,
  fields: Record<string, string>,
  cookie = '',
): Promise<Response> {
  const html = await (await fetch(page, { headers: { cookie } })).text()
  const form = html.match(/<form.*?<\/form>/gs)?.find((each) => each.includes(mark))
  const body = new FormData()
  for (const [input] of (form ?? '').matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const attribute = (name: string) =>
      new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1]?.replaceAll('&quot;', '"') ?? ''
    body.append(attribute('name'), attribute('value'))
  }
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  const headers = { origin: page.origin, cookie }
  return fetch(page, { method: 'POST', body, headers, redirect: 'manual' })
}

/** The cookies of an answer, for the next request. */
export const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')

/** Signs a member in to a team with a mailed code. Returns the cookies. */
export async function signInToTeam(
  app: string,
  stytchUrl: string,
  { email, slug }: { email: string; slug: string },
): Promise<string> {
  const login = new URL(`/team/${slug}/login`, app)
  const requested = await submitForm(login, 'name="email"', { email, by: 'code' })
  expect(requested.status).toBe(303)
  const { body: inbox } = await controlClient(stytchUrl)('GET', 'inbox')
  const code = (inbox as { to: string; code: string }[]).findLast(({ to }) => to === email)?.code
  const step = new URL(requested.headers.get('location') as string, app)
  const fields = { code: String(code) }
  const signedIn = await submitForm(step, 'name="code"', fields, cookiesOf(requested))
  expect(signedIn.status).toBe(303)
  expect(signedIn.headers.get('location')).toBe(`/team/${slug}`)
  return cookiesOf(signedIn)
}
