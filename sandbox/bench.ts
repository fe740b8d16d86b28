import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { migrate } from '../lib/migrate-database.ts'
import { startAuth0StandIn } from './auth0/server.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { next, onStopRequest, root, startNode, stopAll } from './processes.ts'
import { appEnvironment, auth0Tenant, demoUsers, urls } from './settings.ts'
import { startStytchStandIn } from './stytch/server.ts'

/**
 * `npm run bench`: what the middleware costs, as ratios of servers that run side by side on this machine.
 *
 * Each is a copy without the inspector, which only the sandbox has and only this app's middleware feeds.
 *
 * - `ours`: this app.
 * - `empty`: the same pages behind an edge middleware that does nothing.
 * - `rolling`: the same pages behind `auth0.middleware` with its default, rolling sessions.
 * - `blank`: a Next app with one empty page, for its JavaScript.
 */

const port = { ours: 3801, empty: 3802, rolling: 3803, blank: 3804 }
type Variant = keyof typeof port
/** Costs next to nothing itself, so that what is measured is the middleware. */
const cheapPath = '/cheap'

const middlewares: Record<'empty' | 'rolling', string> = {
  empty: `import { NextResponse } from 'next/server'
export default function middleware() { return NextResponse.next() }
export const config = { matcher: '/((?!_next/static|_next/image|favicon.ico|icon.svg).*)' }
`,
  rolling: `import { Auth0Client } from '@auth0/nextjs-auth0/server'
const auth0 = new Auth0Client({ allowInsecureRequests: true })
export default function middleware(request: Request) { return auth0.middleware(request) }
export const config = { matcher: '/((?!_next/static|_next/image|favicon.ico|icon.svg).*)' }
`,
}

function folderOf(variant: Variant): string {
  const folder = join(root, '.data/bench', variant)
  rmSync(folder, { recursive: true, force: true })
  const config = readFileSync(join(root, 'next.config.ts'), 'utf8')
  const entries = ['next.config.ts', 'tsconfig.json', 'postcss.config.mjs']
  if (variant !== 'blank') entries.push('app', 'lib', 'instrumentation.ts')
  // Tests reach for the stand-ins, which the copy has not.
  const filter = (path: string) => !/\.test\.tsx?$|\/testing\.ts$/.test(path)
  for (const entry of entries) {
    cpSync(join(root, entry), join(folder, entry), { recursive: true, filter })
  }
  if (variant !== 'blank') {
    writeFileSync(join(folder, 'app/_ui/inspector.tsx'), 'export const Inspector = () => null\n')
    mkdirSync(join(folder, `app${cheapPath}`))
    writeFileSync(
      join(folder, `app${cheapPath}/route.ts`),
      "export const dynamic = 'force-dynamic'\nexport const GET = () => new Response('ok')\n",
    )
  }
  writeFileSync(
    join(folder, 'next.config.ts'),
    config.replace('root: import.meta.dirname', `root: ${JSON.stringify(root)}`),
  )
  if (variant === 'blank') {
    mkdirSync(join(folder, 'app'))
    writeFileSync(
      join(folder, 'app/layout.tsx'),
      'export default ({ children }: { children: React.ReactNode }) => <html lang="en"><body>{children}</body></html>\n',
    )
    writeFileSync(join(folder, 'app/page.tsx'), 'export default () => <h1>Blank</h1>\n')
  }
  // The blank one too: without a file of its own, Next takes the one of the folder above.
  if (variant === 'ours') cpSync(join(root, 'middleware.ts'), join(folder, 'middleware.ts'))
  else
    writeFileSync(
      join(folder, 'middleware.ts'),
      middlewares[variant === 'rolling' ? 'rolling' : 'empty'],
    )
  return folder
}

const agents = new Map<number, Agent>()

/** @returns how long the answer took, in milliseconds */
function get(variant: Variant, path: string, cookie: string): Promise<number> {
  const started = performance.now()
  const agent = agents.get(port[variant]) ?? new Agent({ keepAlive: true })
  agents.set(port[variant], agent)
  return new Promise((resolve, reject) => {
    request(
      { host: 'localhost', port: port[variant], path, headers: { cookie }, agent },
      (response) => {
        if (response.statusCode !== 200)
          reject(new Error(`${variant} ${path}: status ${response.statusCode}`))
        response.resume().on('end', () => resolve(performance.now() - started))
      },
    )
      .on('error', reject)
      .end()
  })
}

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

/** The medians of two variants, asked in turns, so that whatever else the machine does hits both. */
async function latencies(a: Variant, b: Variant, path: string, cookie: string) {
  const times: Record<string, number[]> = { [a]: [], [b]: [] }
  for (let n = 0; n < 2_400; n += 1) {
    for (const variant of n % 2 ? [a, b] : [b, a]) {
      const taken = await get(variant, path, cookie)
      // The first ones find nothing compiled and nothing remembered.
      if (n >= 200) times[variant]?.push(taken)
    }
  }
  return [median(times[a] ?? []), median(times[b] ?? [])] as const
}

/** Requests a second of some variants, ten at a time: the median of short rounds in turns. */
async function throughputs(variants: Variant[], path: string, cookie: string) {
  const rates: Record<string, number[]> = Object.fromEntries(variants.map((name) => [name, []]))
  for (let round = 0; round < 24; round += 1) {
    for (const variant of round % 2 ? variants : variants.toReversed()) {
      const started = performance.now()
      const client = async () => {
        for (let n = 0; n < 20; n += 1) await get(variant, path, cookie)
      }
      await Promise.all(Array.from({ length: 10 }, client))
      if (round >= 4) rates[variant]?.push(200 / ((performance.now() - started) / 1_000))
    }
  }
  return variants.map((variant) => median(rates[variant] ?? []))
}

async function scriptBytes(variant: Variant, path: string, cookie = ''): Promise<number> {
  const base = `http://localhost:${port[variant]}`
  const html = await (await fetch(base + path, { headers: { cookie } })).text()
  const sources = new Set(
    [...html.matchAll(/<script[^>]+src="([^"]+)"(?![^>]*nomodule)/gi)].map(
      ([, source]) => source as string,
    ),
  )
  const sizes = await Promise.all(
    [...sources].map(
      async (source) =>
        gzipSync(Buffer.from(await (await fetch(base + source)).arrayBuffer())).length,
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function startVariants(postgres: Postgres): Promise<void> {
  for (const variant of Object.keys(port) as Variant[]) {
    const folder = folderOf(variant)
    const env = {
      ...process.env,
      ...appEnvironment,
      NODE_ENV: 'production' as const,
      APP_BASE_URL: `http://localhost:${port[variant]}`,
      DATABASE_URL: await postgres.createDatabase(variant),
    }
    await migrate(env.DATABASE_URL)
    const build = startNode(`build ${variant}`, [next, 'build', folder], { env })
    if ((await build.ended) !== 0) throw new Error(build.output())
    startNode(variant, [next, 'start', folder, '-p', String(port[variant]), '-H', 'localhost'], {
      env,
    })
    for (let tries = 0; tries < 200; tries += 1) {
      if (
        await fetch(`http://localhost:${port[variant]}/`).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    console.log(`built and started: ${variant}`)
  }
}

async function control<T>(base: string, path: string, body: object): Promise<T> {
  const response = await fetch(base + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  return (await response.json()) as T
}

const line = (what: string, value: string, budget: string, isMet: boolean) =>
  console.log(
    `${isMet ? 'within' : 'OVER  '}  ${what.padEnd(58)} ${value.padStart(12)}   budget ${budget}`,
  )

// The servers end with this process: without a listener, a signal would end it before it could see to that.
onStopRequest(() => process.exit(130))

const postgres = await startPostgres({ isThrowAway: true })
const standIns = [await startStytchStandIn(), await startAuth0StandIn()]
try {
  await startVariants(postgres)
  const ada = demoUsers[0]
  if (!ada) throw new Error('no demo user')
  const stytch = await control<{ session_token: string; session_jwt: string }>(
    urls.stytch,
    '/_sandbox/session',
    { email: ada.email },
  )
  const stytchCookie = `stytch_session=${stytch.session_token}; stytch_session_jwt=${stytch.session_jwt}`
  const grant = await control<{ access_token: string; id_token: string; refresh_token: string }>(
    urls.auth0,
    '/_sandbox/refresh-token',
    { email: ada.email },
  )
  const now = Math.floor(Date.now() / 1_000)
  const sealed = await generateSessionCookie(
    {
      user: { sub: ada.subject, email: ada.email, email_verified: true, name: ada.name },
      tokenSet: {
        accessToken: grant.access_token,
        idToken: grant.id_token,
        refreshToken: grant.refresh_token,
        expiresAt: now + 86_400,
        audience: auth0Tenant.audience,
      },
      internal: { sid: 'bench', createdAt: now },
    },
    { secret: appEnvironment.AUTH0_SECRET ?? '' },
  )
  const chunks = sealed.match(/.{1,3500}/gs) ?? []
  const legacyCookie = chunks
    .map((chunk, n) => `__session${chunks.length > 1 ? `__${n}` : ''}=${chunk}`)
    .join('; ')
  const path = '/dashboard'
  // As from a browser that was here before: else each request would be a new visitor, with a cookie to seal.
  const flag = (await fetch(`http://localhost:${port.ours}/`)).headers
    .getSetCookie()[0]
    ?.split(';')[0]

  const [ours, empty] = await latencies('ours', 'empty', path, `${stytchCookie}; ${flag}`)
  line(
    'latency on the Stytch lane, against an empty middleware',
    `${(ours / empty).toFixed(2)}`,
    'at most 1.15',
    ours / empty <= 1.15,
  )
  console.log(`        (medians: ${ours.toFixed(2)} ms and ${empty.toFixed(2)} ms)`)

  // The empty one too: what Next itself costs is in all of them, and no middleware could do better than that.
  const [fast = 0, rolling = 0, ceiling = 0] = await throughputs(
    ['ours', 'rolling', 'empty'],
    cheapPath,
    `${legacyCookie}; ${flag}`,
  )
  line(
    'throughput with a legacy session, against auth0.middleware',
    `${(fast / rolling).toFixed(2)}`,
    'at least 2',
    fast / rolling >= 2,
  )
  console.log(
    `        (medians: ${fast.toFixed(0)} and ${rolling.toFixed(0)} requests a second; an empty middleware: ${ceiling.toFixed(0)}, a ratio of ${(ceiling / rolling).toFixed(2)})`,
  )

  const blank = await scriptBytes('blank', '/')
  for (const [page, cookie] of [
    ['/login', ''],
    [path, stytchCookie],
  ] as const) {
    const extra = (await scriptBytes('ours', page, cookie)) - blank
    line(
      `JavaScript of ${page} above an empty page, gzip`,
      `${(extra / 1_024).toFixed(1)} KB`,
      'at most 15 KB',
      extra <= 15 * 1_024,
    )
  }
} finally {
  await stopAll()
  await postgres.stop()
  await Promise.all(standIns.map((standIn) => standIn.close()))
  rmSync(join(root, '.data/bench'), { recursive: true, force: true })
}
process.exit(0)
