import { setTimeout as sleep } from 'node:timers/promises'
import { readOwnKeys } from './own-keys.ts'
import { portProblem, type WantedPort } from './ports.ts'
import { type Child, next, onStopRequest, startNode, stopAll } from './processes.ts'

/**
 * `npm run demo` starts the production build of the app, a Postgres and the two stand-ins. It needs no account and
 * no internet. When `.env-test` has the keys of a Stytch test project, the app uses Stytch and Auth0 instead.
 * `--stand-ins` ignores these keys. `--dev` (`npm run dev`) starts `next dev` in place of the build.
 */

// The stand-ins and the embedded Postgres refuse to run with the NODE_ENV "production", which the shell may set.
Reflect.set(process.env, 'NODE_ENV', 'development')

const dev = process.argv.includes('--dev')
const readyMs = 60_000
/** The deadline of one request. A server that listens too early may never answer it, so the demo sends another. */
const answerMs = 2_000
const lastLines = 15

let stopping = false

onStopRequest(async () => {
  stopping = true
  console.log('\nStopping…')
  await stopAll()
  process.exit(0)
})

async function fail(...lines: string[]): Promise<never> {
  // When the user stops the demo, the end of a child is no failure.
  if (stopping) return new Promise<never>(() => {})
  stopping = true
  await stopAll()
  for (const line of lines.filter(Boolean)) console.error(line)
  process.exit(1)
}

const tail = (text: string) => text.trimEnd().split('\n').slice(-lastLines).join('\n')

// Imported here, so that a malformed port prints one line and no stack trace.
const settings = await import('./settings.ts').catch((error: Error) => fail(error.message))
const { appEnvironment, demoPassword, demoUsers, inHouseEnvironment, ports, urls } = settings
const own = process.argv.includes('--stand-ins') ? null : readOwnKeys()
// With the stand-ins, the demo ignores the DATABASE_URL in `.env-test`, which belongs to the keys.
const isInHouse = !own && settings.isInHouse
const givenDatabase = (own ?? process.env).DATABASE_URL ?? ''

const wanted: WantedPort[] = [{ port: ports.app, user: 'app', variable: 'PORT' }]
if (!own) {
  wanted.push({ port: ports.stytch, user: 'Stytch stand-in', variable: 'STYTCH_STAND_IN_PORT' })
  if (!isInHouse) {
    wanted.push({ port: ports.auth0, user: 'Auth0 stand-in', variable: 'AUTH0_STAND_IN_PORT' })
  }
}
if (!givenDatabase) {
  wanted.push({ port: ports.database, user: 'database', variable: 'DATABASE_PORT' })
}
const problem = await portProblem(wanted)
if (problem) await fail(problem)

if (!dev) {
  const { build, isBuilt } = await import('./build.ts')
  if (!isBuilt()) {
    console.log('Building… (about 30 s)')
    const failure = await build()
    if (failure !== null)
      await fail(failure.trimEnd(), 'The app does not build. Read the output above.')
  }
}

/** Waits until a child answers. Stops the demo when the child ends, now or later. */
async function ready(child: Child, url: string): Promise<void> {
  const end = child.ended.then((code) =>
    fail(
      tail(child.output()),
      `The ${child.name} has stopped (exit code ${code}). Read its output above.`,
    ),
  )
  const answer = async () => {
    const deadline = Date.now() + readyMs
    while (Date.now() < deadline) {
      try {
        if ((await fetch(url, { signal: AbortSignal.timeout(answerMs) })).ok) return
      } catch {
        // Not listening, or not ready yet.
      }
      await sleep(100)
    }
    await fail(
      tail(child.output()),
      `The ${child.name} does not answer at ${url}. Read its output above.`,
    )
  }
  await Promise.race([answer(), end])
}

const { addInHouseDemoUsers, databaseNames, openDemoDatabase } = await import('./demo-database.ts')
const { ownKeys, standIns } = databaseNames
const database = await openDemoDatabase(givenDatabase, own ? ownKeys : standIns).catch(
  (error: Error) => fail(`The demo cannot use the database: ${error.message}`),
)
database.ended?.then((code) => fail(`The database has stopped (exit code ${code}).`))
if (isInHouse) await addInHouseDemoUsers(database.url)
if (!own) {
  await Promise.all([
    ready(
      startNode('Stytch stand-in', ['sandbox/stytch/server.ts']),
      `${urls.stytch}/_sandbox/health`,
    ),
    isInHouse ||
      ready(
        startNode('Auth0 stand-in', ['sandbox/auth0/server.ts']),
        `${urls.auth0}/_sandbox/health`,
      ),
  ])
}
const env = {
  ...process.env,
  // next.config.ts reads the keys themselves from `.env-test`.
  ...(own ? { SANDBOX: 'false', STYTCH_PROJECT_ENV: 'test' } : appEnvironment),
  ...(isInHouse && inHouseEnvironment),
  DATABASE_URL: database.url,
  NODE_ENV: dev ? ('development' as const) : ('production' as const),
}
const address = ['-p', String(ports.app), '-H', 'localhost']
await ready(
  startNode('app', [next, dev ? 'dev' : 'start', ...address], {
    env,
    show: dev ? 'all' : 'errors',
  }),
  // With your keys, the demo does not wait for /api/health, which fails while Stytch or Auth0 is unreachable.
  own ? `${urls.app}/login` : `${urls.app}/api/health`,
)

if (own) {
  console.log(`
Cutover is running on Stytch and Auth0, with your keys in .env-test.

  App       ${own.APP_BASE_URL}
  Database  ${database.description}

  To use the local stand-ins instead, run: npm run demo -- --stand-ins

  Press Ctrl-C to stop.
`)
} else {
  const width = Math.max(...demoUsers.map(({ email }) => email.length))
  console.log(`
Cutover is running.

  App       ${urls.app}
  Inbox     ${urls.stytch}  (the mails that Stytch would send)
  Database  ${database.description}

  Demo users, all with the password ${demoPassword}
${demoUsers.map(({ email, note }) => `    ${email.padEnd(width)}  ${note}`).join('\n')}

  Start: open ${urls.app} and take a tour. Sign in as the operator,
  ${demoUsers[0]?.email}, to change the policy at ${urls.app}/control.

  Press Ctrl-C to stop.
`)
}
