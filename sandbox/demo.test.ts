import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from './free-port.ts'
import { portProblem } from './ports.ts'

let server: Server
let busy: number

beforeAll(async () => {
  server = createServer()
  busy = await listen(server)
})

afterAll(() => {
  server.close()
})

const listen = (on: Server) =>
  new Promise<number>((resolve) => {
    on.listen(0, '127.0.0.1', () => resolve((on.address() as { port: number }).port))
  })

/** Runs the demo, which must fail before it builds or starts anything. */
const demo = (env: Record<string, string>) => script(['sandbox/demo.ts'], env)

function script(args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env } })
  let output = ''
  child.stdout.on('data', (data) => {
    output += data
  })
  child.stderr.on('data', (data) => {
    output += data
  })
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, output }))
  })
}

test('names the port in use, the server that needs it and the variable that changes it', async () => {
  const env = {
    PORT: String(await freePort()),
    STYTCH_STAND_IN_PORT: String(busy),
    AUTH0_STAND_IN_PORT: String(await freePort()),
  }
  expect(await demo(env)).toEqual({
    code: 1,
    output: `Port ${busy} is in use, but the Stytch stand-in needs it: stop what listens there, or choose another with STYTCH_STAND_IN_PORT=<port>.\n`,
  })
})

test('prints one line about a malformed port', async () => {
  const { code, output } = await demo({ PORT: 'eighty' })
  expect(code).toBe(1)
  expect(output).toBe('PORT must be a port number from 1 to 65535; got "eighty".\n')
})

test('refuses one port for two servers', async () => {
  const port = await freePort()
  const wanted = [
    { port, user: 'app', variable: 'PORT' },
    { port, user: 'Auth0 stand-in', variable: 'AUTH0_STAND_IN_PORT' },
  ]
  expect(await portProblem(wanted)).toBe(
    `PORT and AUTH0_STAND_IN_PORT are both ${port}: each needs its own port.`,
  )
  expect(await portProblem(wanted.slice(0, 1))).toBeNull()
})

test('a command of the backfill has the settings and the database of the demo', async () => {
  const args = ['sandbox/demo-backfill.ts', 'resume', '--run', 'run_1']
  const env = { DATABASE_URL: `postgres://postgres@localhost:${await freePort()}/demo` }
  const { code, output } = await script(args, env)
  expect(output).toMatch(/^database_unavailable: /)
  expect(code).toBe(1)
})
