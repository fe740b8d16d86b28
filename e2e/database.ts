import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { migrate } from '../lib/server/migrate-database.ts'
import { startPostgres } from '../sandbox/postgres.ts'
import { databaseName, databasePassword, databasePort } from './environment.ts'

/**
 * The door between the app and its Postgres, which a test can close and open: `PUT /_sandbox/database`. What a
 * test asks of the database goes past it: `POST /_sandbox/query`.
 */
export type DatabaseDoor = { setUp(up: boolean): Promise<void>; stop(): Promise<void> }

/**
 * Opens the door on a port, and the control of it on the next.
 * @param target address of the database behind the door
 */
export async function startDatabaseDoor(port: number, target: string): Promise<DatabaseDoor> {
  const { hostname, port: inner } = new URL(target)
  const door = createDoor(port, { host: hostname, port: Number(inner) })
  const pool = new pg.Pool({ connectionString: target, max: 2 })
  pool.on('error', () => {})
  const setUp = (up: boolean) => (up ? door.open() : door.close())

  const answer = async (request: IncomingMessage): Promise<unknown> => {
    switch (`${request.method} ${request.url}`) {
      case 'GET /_sandbox/health':
        return { up: door.isOpen() }
      case 'PUT /_sandbox/database': {
        const { up } = await readJson(request)
        if (typeof up !== 'boolean') throw new Error('up must be true or false')
        await setUp(up)
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
  await door.open()
  const control = await startControl(port + 1, answer)

  return {
    setUp,
    async stop() {
      control.close()
      control.closeAllConnections()
      await door.close()
      await pool.end()
    },
  }
}

async function startControl(
  port: number,
  answer: (request: IncomingMessage) => Promise<unknown>,
): Promise<Server> {
  const server = createHttpServer(async (request, response) => {
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
  // An idle connection must not be closed at the very moment that a test uses it again.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(port, 'localhost', resolve)
  })
  return server
}

/** Passes connections on while it is open; closing cuts them and refuses new ones. */
function createDoor(port: number, target: { host: string; port: number }) {
  const sockets = new Set<Socket>()
  const server = createServer((outside) => {
    const inside = connect(target)
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
  const postgres = await startPostgres({ isThrowAway: true, password: databasePassword })
  const url = await postgres.createDatabase(databaseName)
  await migrate(url)
  const door = await startDatabaseDoor(databasePort, url)
  const stop = async () => {
    await door.stop()
    await postgres.stop()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
