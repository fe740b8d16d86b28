/**
 * The ports of the tests. Each Playwright worker has its own world, and each world has its own ports.
 * Worlds can therefore run beside each other and beside a demo. Import this before `sandbox/settings.ts`,
 * which reads the ports when it is loaded.
 */

/** The number of worlds that run at once. Most tests wait for a server, so two cores can run three worlds. */
export const workers = Number(process.env.E2E_WORKERS ?? 3)

/** The app has the first port of its block. A test that needs a further app takes one of the others. */
const appsOfAWorld = 10

/** The number of this process's world. Playwright sets it in each worker. Other processes use the first world. */
const index = Number(process.env.TEST_PARALLEL_INDEX ?? 0)

/** Workers inherit the changed PORT of the main process, so another variable keeps the first port. */
function firstPort(variable: string, fallback: string): number {
  const kept = `E2E_FIRST_${variable}`
  process.env[kept] ??= process.env[variable] ?? fallback
  return Number(process.env[kept])
}

const first = {
  PORT: firstPort('PORT', '3100'),
  STYTCH_STAND_IN_PORT: firstPort('STYTCH_STAND_IN_PORT', '4110'),
  AUTH0_STAND_IN_PORT: firstPort('AUTH0_STAND_IN_PORT', '4120'),
  DATABASE_PORT: firstPort('DATABASE_PORT', '4130'),
}

/** The ports of one world, by the variable that sets each one. */
export const portsOf = (world: number) => ({
  PORT: first.PORT + world * appsOfAWorld,
  STYTCH_STAND_IN_PORT: first.STYTCH_STAND_IN_PORT + world,
  AUTH0_STAND_IN_PORT: first.AUTH0_STAND_IN_PORT + world,
  DATABASE_PORT: first.DATABASE_PORT + world,
})

const own = portsOf(index)
for (const [variable, port] of Object.entries(own)) process.env[variable] = String(port)

/** The port of the door between the app of this world and its database. Tests can close the door. */
export const databasePort = own.DATABASE_PORT

/** The ports for the further apps of this world. */
export const furtherAppPorts = Array.from(
  { length: appsOfAWorld - 1 },
  (_, offset) => own.PORT + 1 + offset,
)
