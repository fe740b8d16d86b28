import { randomUUID } from 'node:crypto'

/**
 * The tests' own ports, so that they run beside a demo. Import this before
 * `sandbox/settings.ts`, which reads the ports when it is loaded.
 */
process.env.PORT ??= '3100'
process.env.STYTCH_STAND_IN_PORT ??= '4110'
process.env.AUTH0_STAND_IN_PORT ??= '4120'
process.env.DATABASE_PORT ??= '4130'
// A second app on the same database, which stands behind a declared proxy.
process.env.PROXIED_PORT ??= String(Number(process.env.PORT) + 1)

export const proxiedPort = Number(process.env.PROXIED_PORT)
export const proxiedUrl = `http://localhost:${proxiedPort}`

export const databasePort = Number(process.env.DATABASE_PORT)

/** What tests can ask of the database: `/_sandbox/database` and `/_sandbox/query`. */
export const databaseControl = `http://localhost:${databasePort + 1}`

// Drawn once: each process of a run loads this file.
process.env.DATABASE_PASSWORD ??= randomUUID()
export const databasePassword = process.env.DATABASE_PASSWORD

export const databaseName = 'cutover'
export const databaseUrl = `postgres://postgres:${databasePassword}@localhost:${databasePort}/${databaseName}`
