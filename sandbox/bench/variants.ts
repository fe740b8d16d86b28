import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from '../../lib/server/migrate-database.ts'
import type { WantedPort } from '../ports.ts'
import type { Postgres } from '../postgres.ts'
import { type Child, next, root, startNode } from '../processes.ts'
import { appEnvironment } from '../settings.ts'

/**
 * The servers that `npm run bench` compares. Each runs a separate production build:
 *
 * - `ours`: this app.
 * - `empty`: the same pages behind an edge middleware that does nothing.
 * - `rolling`: the same pages behind `auth0.middleware` with its default, rolling sessions.
 * - `blank`: a Next app with one empty page, for its JavaScript.
 */
const variants = ['ours', 'empty', 'rolling', 'blank'] as const
export type Variant = (typeof variants)[number]

const firstPort = Number(process.env.BENCH_PORT ?? 3801)
export const portOf = (variant: Variant): number => firstPort + variants.indexOf(variant)

/** The ports of all variants, for {@link portProblem}. */
export const variantPorts: WantedPort[] = variants.map((variant) => ({
  port: portOf(variant),
  user: `server "${variant}" of the benchmark`,
  variable: 'BENCH_PORT',
}))

/** A route that only answers "ok", so that the middleware takes most of the time of a request. */
export const cheapPath = '/cheap'

export const benchFolder = join(root, '.data/bench')

const ours = readFileSync(join(root, 'middleware.ts'), 'utf8')
/** All variants use the matcher of `ours`, so that Next does the same work before each middleware. */
const matcher = ours.slice(ours.indexOf('export const config'))

const empty = `import { NextResponse } from 'next/server'
export default function middleware() { return NextResponse.next() }
${matcher}`

const middlewares: Record<Variant, string> = {
  ours,
  empty,
  rolling: `import { Auth0Client } from '@auth0/nextjs-auth0/server'
const auth0 = new Auth0Client({ allowInsecureRequests: true })
export default function middleware(request: Request) { return auth0.middleware(request) }
${matcher}`,
  // Without a middleware, Next would use that of the folder above.
  blank: empty,
}

/** Builds and starts every variant, each with its own database. The servers end with this process. */
export async function startVariants(postgres: Postgres): Promise<void> {
  for (const variant of variants) {
    const folder = copyOf(variant)
    const env = {
      ...process.env,
      ...appEnvironment,
      // A product runs without SANDBOX, whose inspector needs a header on every request.
      SANDBOX: 'false',
      NODE_ENV: 'production' as const,
      APP_BASE_URL: `http://localhost:${portOf(variant)}`,
      DATABASE_URL: await postgres.createDatabase(variant),
    }
    await migrate(env.DATABASE_URL)
    const build = startNode(`build ${variant}`, [next, 'build', folder], { env })
    if ((await build.ended) !== 0) throw new Error(build.output())
    const start = () => {
      const address = ['-p', String(portOf(variant)), '-H', 'localhost']
      return startNode(variant, [next, 'start', folder, ...address], { env })
    }
    servers.set(variant, { start, server: start() })
    await waitFor(variant)
    console.log(`built and started: ${variant}`)
  }
}

const servers = new Map<Variant, { start(): Child; server: Child }>()

/** Starts the server of a variant anew. */
export async function restart(variant: Variant): Promise<void> {
  const running = servers.get(variant)
  if (!running) throw new Error(`${variant} was not started`)
  await running.server.stop()
  running.server = running.start()
  await waitFor(variant)
}

async function waitFor(variant: Variant): Promise<void> {
  if (await answers(variant)) return
  throw new Error(`${variant} did not start:\n${servers.get(variant)?.server.output()}`)
}

async function answers(variant: Variant): Promise<boolean> {
  for (let tries = 0; tries < 200; tries += 1) {
    const response = await fetch(`http://localhost:${portOf(variant)}/`).catch(() => null)
    if (response?.ok) return true
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return false
}

/** Creates the folder of a variant. It holds a copy of the app with another middleware, or an app with one page. */
function copyOf(variant: Variant): string {
  const folder = join(benchFolder, variant)
  rmSync(folder, { recursive: true, force: true })
  const entries = ['next.config.ts', 'tsconfig.json', 'postcss.config.mjs']
  if (variant !== 'blank') entries.push('app', 'lib', 'instrumentation.ts')
  // Tests import the stand-ins, which are not in the copy.
  const filter = (path: string) => !/\.test\.tsx?$|[/-]testing\.ts$/.test(path)
  for (const entry of entries) {
    cpSync(join(root, entry), join(folder, entry), { recursive: true, filter })
  }
  const config = readFileSync(join(root, 'next.config.ts'), 'utf8')
  writeFileSync(
    join(folder, 'next.config.ts'),
    config.replace('root: import.meta.dirname', `root: ${JSON.stringify(root)}`),
  )
  if (variant === 'blank') addBlankPage(folder)
  else addCheapRoute(folder)
  writeFileSync(join(folder, 'middleware.ts'), middlewares[variant])
  return folder
}

function addCheapRoute(folder: string): void {
  mkdirSync(join(folder, `app${cheapPath}`))
  writeFileSync(
    join(folder, `app${cheapPath}/route.ts`),
    "export const dynamic = 'force-dynamic'\nexport const GET = () => new Response('ok')\n",
  )
}

function addBlankPage(folder: string): void {
  mkdirSync(join(folder, 'app'))
  writeFileSync(
    join(folder, 'app/layout.tsx'),
    'export default ({ children }: { children: React.ReactNode }) => <html lang="en"><body>{children}</body></html>\n',
  )
  writeFileSync(join(folder, 'app/page.tsx'), 'export default () => <h1>Blank</h1>\n')
}
