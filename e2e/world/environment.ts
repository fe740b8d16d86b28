/**
 * The ports of the tests. Each Playwright worker has a world of its own, and each world has ports of its
 * own, so that worlds run beside each other and beside a demo. Import this before `sandbox/settings.ts`,
 * which reads the ports when it is loaded.
 */

/** How many worlds run at once. Three were the fastest on two cores: most tests wait most of the time. */
export const workers = Number(process.env.E2E_WORKERS ?? 3)

/** The app at the first port of its block; a test that needs a further app takes one of the others. */
const appsOfAWorld = 10

/** The number of this process's world. Playwright sets it in each worker; elsewhere it is the first. */
const index = Number(process.env.TEST_PARALLEL_INDEX ?? 0)

/** Workers inherit what the main process has set, so the first port is kept under a name of its own. */
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

/** The ports of one world, by the variable that moves them. */
export const portsOf = (world: number) => ({
  PORT: first.PORT + world * appsOfAWorld,
  STYTCH_STAND_IN_PORT: first.STYTCH_STAND_IN_PORT + world,
  AUTH0_STAND_IN_PORT: first.AUTH0_STAND_IN_PORT + world,
  DATABASE_PORT: first.DATABASE_PORT + world,
})

const own = portsOf(index)
for (const [variable, port] of Object.entries(own)) process.env[variable] = String(port)

/** Where the app of this world reaches its database: a door that tests can close. */
export const databasePort = own.DATABASE_PORT

/** For the further apps of this world. */
export const furtherAppPorts = Array.from(
  { length: appsOfAWorld - 1 },
  (_, offset) => own.PORT + 1 + offset,
)
