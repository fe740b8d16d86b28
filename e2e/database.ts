import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import pg from 'pg'
import { databasePort } from './environment.ts'

/**
 * The tests' Postgres: an in-memory PGlite that speaks the wire protocol, so that the app
 * runs on the driver and the pool that it has in production, and that can be taken down.
 *
 * PGlite is one session that all connections take turns in. From the first message of a
 * statement to its end, and from BEGIN to COMMIT or ROLLBACK, the turn stays with one
 * connection and the others wait; a connection that is cut inside a transaction is rolled
 * back. Transactions are therefore serial, which is stricter than Postgres. What a test
 * here cannot show, because the session is shared:
 *
 * - session-level advisory locks, SET, temporary tables and named prepared statements are
 *   everyone's (`pg_advisory_xact_lock` does exclude, since its transaction does);
 * - a row lock never makes anyone wait, nor does SKIP LOCKED skip: what holds a lock holds
 *   the turn. So a request that needs a second connection inside a transaction hangs here.
 */

const maxConnections = 50

export type Database = { setUp(up: boolean): Promise<void>; stop(): Promise<void> }

export async function startDatabase(port: number): Promise<Database> {
  const db = await PGlite.create('memory://')
  // On a port of its own: the door in front of it opens and closes, this one stays.
  const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections })
  await server.start()
  const inner = Number(server.getServerConn().split(':').at(-1))
  const door = createDoor(port, inner)
  await door.open()

  // Through the socket as well: a query straight to PGlite would land in the middle of
  // whatever transaction is open.
  const pool = new pg.Pool({ host: '127.0.0.1', port: inner, user: 'postgres', max: 1 })

  const answer = async (request: IncomingMessage): Promise<unknown> => {
    switch (`${request.method} ${request.url}`) {
      case 'GET /_sandbox/health':
        return { up: door.isOpen() }
      case 'PUT /_sandbox/database': {
        const { up } = await readJson(request)
        if (typeof up !== 'boolean') throw new Error('up must be true or false')
        await (up ? door.open() : door.close())
        return { up }
      }
      case 'POST /_sandbox/query': {
        const { sql, params } = await readJson(request)
        const { rows } = await pool.query(String(sql), params as unknown[] | undefined)
        return { rows }
      }
      default:
        return undefined
    }
  }

  const control = createHttpServer(async (request, response) => {
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    try {
      const body = await answer(request)
      if (body === undefined) send(404, { error: `no ${request.method} ${request.url} here` })
      else send(200, body)
    } catch (error) {
      send(400, { error: error instanceof Error ? error.message : String(error) })
    }
  })
  await new Promise<void>((resolve, reject) => {
    control.on('error', reject)
    control.listen(port + 1, 'localhost', resolve)
  })

  return {
    setUp: (up) => (up ? door.open() : door.close()),
    async stop() {
      control.close()
      control.closeAllConnections()
      await door.close()
      await pool.end()
      await server.stop()
      await db.close()
    },
  }
}

/** Passes connections on while it is open; closing cuts them and refuses new ones. */
function createDoor(port: number, inner: number) {
  const sockets = new Set<Socket>()
  const server = createServer((outside) => {
    const inside = connect({ host: '127.0.0.1', port: inner })
    for (const [socket, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.pipe(other)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })

  return {
    isOpen: () => server.listening,
    open: () =>
      new Promise<void>((resolve, reject) => {
        if (server.listening) return resolve()
        server.once('error', reject)
        server.listen(port, 'localhost', () => {
          server.off('error', reject)
          resolve()
        })
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request) text += chunk
  return JSON.parse(text)
}

if (import.meta.main) {
  if (process.env.NODE_ENV === 'production') {
    console.error('The test database does not run in production.')
    process.exit(1)
  }
  const database = await startDatabase(databasePort)
  const stop = async () => {
    await database.stop()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
