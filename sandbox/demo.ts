import { setTimeout as sleep } from 'node:timers/promises'
import { readOwnKeys } from './own-keys.ts'
import { portProblem, type WantedPort } from './ports.ts'
import { type Child, next, onStopRequest, startNode, stopAll } from './processes.ts'

/**
 * `npm run demo`: the app's production build, a Postgres and the two stand-ins, with no account and no
 * internet. With the keys of a Stytch test project in `.env-test`, the app runs on Stytch and Auth0
 * themselves, unless `--stand-ins` is given. With `--dev` (`npm run dev`) the app is `next dev`.
 */

// The stand-ins and the embedded Postgres refuse to run in production, whatever the shell says.
Reflect.set(process.env, 'NODE_ENV', 'development')

const dev = process.argv.includes('--dev')
const readyMs = 60_000
/** For one try: a server that listens before it can answer loses the request for good. */
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
  // While we stop the children on request, their ends are no failures.
  if (stopping) return new Promise<never>(() => {})
  stopping = true
  await stopAll()
  for (const line of lines.filter(Boolean)) console.error(line)
  process.exit(1)
}

const tail = (text: string) => text.trimEnd().split('\n').slice(-lastLines).join('\n')

// Imported here, so that a malformed port is one line and not a stack trace.
const settings = await import('./settings.ts').catch((error: Error) => fail(error.message))
const { appEnvironment, demoPassword, demoUsers, ports, urls } = settings
const own = process.argv.includes('--stand-ins') ? null : readOwnKeys()
// Not from a file when it runs on the stand-ins: what is in there belongs to the keys.
const givenDatabase = (own ?? process.env).DATABASE_URL ?? ''

const wanted: WantedPort[] = [{ port: ports.app, user: 'app', variable: 'PORT' }]
if (!own) {
  wanted.push(
    { port: ports.stytch, user: 'Stytch stand-in', variable: 'STYTCH_STAND_IN_PORT' },
    { port: ports.auth0, user: 'Auth0 stand-in', variable: 'AUTH0_STAND_IN_PORT' },
  )
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
    if (failure !== null) await fail(failure.trimEnd(), 'The app does not build; see above.')
  }
}

/** Waits until a child answers, and from then on for its end, which is never wanted. */
async function ready(child: Child, url: string): Promise<void> {
  const end = child.ended.then((code) =>
    fail(tail(child.output()), `The ${child.name} has stopped (exit code ${code}); see above.`),
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
    await fail(tail(child.output()), `The ${child.name} does not answer at ${url}; see above.`)
  }
  await Promise.race([answer(), end])
}

const { openDemoDatabase } = await import('./demo-database.ts')
const database = await openDemoDatabase(givenDatabase, own ? 'own_keys' : 'demo').catch(
  (error: Error) => fail(`The database is not usable: ${error.message}`),
)
database.ended?.then((code) => fail(`The database has stopped (exit code ${code}).`))
if (!own) {
  await Promise.all([
    ready(
      startNode('Stytch stand-in', ['sandbox/stytch/server.ts']),
      `${urls.stytch}/_sandbox/health`,
    ),
    ready(
      startNode('Auth0 stand-in', ['sandbox/auth0/server.ts']),
      `${urls.auth0}/_sandbox/health`,
    ),
  ])
}
const env = {
  ...process.env,
  // next.config.ts reads the rest of one's own keys from the file.
  ...(own ? { SANDBOX: 'false', STYTCH_PROJECT_ENV: 'test' } : appEnvironment),
  DATABASE_URL: database.url,
  NODE_ENV: dev ? ('development' as const) : ('production' as const),
}
const address = ['-p', String(ports.app), '-H', 'localhost']
await ready(
  startNode('app', [next, dev ? 'dev' : 'start', ...address], {
    env,
    show: dev ? 'all' : 'errors',
  }),
  // Not its health with one's own keys: where Stytch or Auth0 cannot be reached, the pages say it better.
  own ? `${urls.app}/login` : `${urls.app}/api/health`,
)

if (own) {
  console.log(`
Cutover is running on Stytch and Auth0, with your keys in .env-test.

  App       ${own.APP_BASE_URL}
  Database  ${database.description}

  To see the demo on the local stand-ins instead: npm run demo -- --stand-ins

  Ctrl-C stops everything.
`)
} else {
  const width = Math.max(...demoUsers.map(({ email }) => email.length))
  console.log(`
Cutover is running.

  App       ${urls.app}
  Inbox     ${urls.stytch}  (what Stytch would have mailed)
  Database  ${database.description}

  Demo users, all with the password ${demoPassword}
${demoUsers.map(({ email, note }) => `    ${email.padEnd(width)}  ${note}`).join('\n')}

  First: open ${urls.app} and take the tour of the three options. As
  ${demoUsers[0]?.email}, the operator, you turn the dials at ${urls.app}/control.

  Ctrl-C stops everything.
`)
}
