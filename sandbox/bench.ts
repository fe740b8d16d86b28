import { rmSync } from 'node:fs'
import { portProblem } from './ports.ts'
import { onStopRequest, stopAll } from './processes.ts'

/** `npm run bench` measures the cost of the middleware. It compares servers that run side by side on this machine. */

// Imported here, so that a malformed port prints one line and no stack trace.
const { demoUsers, ports } = await import('./settings.ts').catch((error: Error) =>
  fail(error.message),
)
const { benchFolder, cheapPath, portOf, startVariants, variantPorts } = await import(
  './bench/variants.ts'
)
const problem = await portProblem([
  ...variantPorts,
  { port: ports.stytch, user: 'Stytch stand-in', variable: 'STYTCH_STAND_IN_PORT' },
  { port: ports.auth0, user: 'Auth0 stand-in', variable: 'AUTH0_STAND_IN_PORT' },
])
if (problem) fail(problem)

const { latencies, rate, ratio, scriptBytes, throughputs } = await import('./bench/load.ts')
const { flagCookie, legacyCookie, stytchCookie } = await import('./bench/sessions.ts')
const { startAuth0StandIn } = await import('./auth0/server.ts')
const { startPostgres } = await import('./postgres.ts')
const { startStytchStandIn } = await import('./stytch/server.ts')

function fail(line: string): never {
  console.error(line)
  process.exit(1)
}

function report(what: string, value: string, budget: string, isMet: boolean): void {
  const mark = isMet ? 'within' : 'OVER  '
  console.log(`${mark}  ${what.padEnd(62)} ${value.padStart(8)}   budget ${budget}`)
}

// Without a listener, a signal would end this process before it stops the servers.
onStopRequest(() => process.exit(130))

const postgres = await startPostgres({ isThrowAway: true })
const standIns = [await startStytchStandIn(), await startAuth0StandIn()]
try {
  await startVariants(postgres)
  const [ada] = demoUsers
  if (!ada) throw new Error('There are no demo users.')
  // Without the flag cookie, each request would come from a new visitor and get a cookie.
  const flag = await flagCookie(`http://localhost:${portOf('ours')}`)
  const onStytch = `${await stytchCookie(ada)}; ${flag}`
  const onLegacy = `${await legacyCookie(ada)}; ${flag}`

  const [ours, empty] = await latencies('ours', 'empty', { path: '/dashboard', cookie: onStytch })
  report(
    'latency on the Stytch lane, against an empty middleware',
    (ours / empty).toFixed(2),
    'at most 1.15',
    ours / empty <= 1.15,
  )
  console.log(`        (medians: ${ours.toFixed(2)} ms and ${empty.toFixed(2)} ms)`)

  const cheap = { path: cheapPath, cookie: onLegacy }
  const rates = await throughputs(['ours', 'empty', 'rolling'], cheap)
  const share = ratio(rates.ours, rates.empty)
  report(
    'throughput with a legacy session, against an empty middleware',
    share.toFixed(3),
    'at least 0.95',
    share >= 0.95,
  )
  const each = Object.entries(rates).map(([name, list]) => `${name} ${rate(list).toFixed(0)}`)
  console.log(
    `        (requests a second: ${each.join(', ')}; against auth0.middleware: ${ratio(rates.ours, rates.rolling).toFixed(2)})`,
  )

  const blank = await scriptBytes('blank', { path: '/', cookie: '' })
  for (const [path, cookie] of [
    ['/login', ''],
    ['/dashboard', onStytch],
  ] as const) {
    const extra = (await scriptBytes('ours', { path, cookie })) - blank
    report(
      `JavaScript of ${path} above an empty page, gzip`,
      `${(extra / 1_024).toFixed(1)} KB`,
      'at most 15 KB',
      extra <= 15 * 1_024,
    )
  }
} finally {
  await stopAll()
  await postgres.stop()
  await Promise.all(standIns.map((standIn) => standIn.close()))
  rmSync(benchFolder, { recursive: true, force: true })
}
process.exit(0)
