import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { ports } from '../settings.ts'
import { createApp } from './app.ts'
import { createProject, type Project } from './project.ts'
import type { WebhookEndpoint } from './webhooks.ts'

export type StytchStandInOptions = {
  /** 0 takes any free port. */
  port?: number
  /** Where `sessions.migrate` asks whose a token is; null: not configured. */
  userinfoUrl?: string | null
  /** Who is told when a user changes; null: nobody. */
  webhook?: WebhookEndpoint | null
}

export type StytchStandIn = { url: string; project: Project; close: () => Promise<void> }

/** Starts the stand-in on localhost; rejects when the port is taken. */
export async function startStytchStandIn(
  options: StytchStandInOptions = {},
): Promise<StytchStandIn> {
  if (process.env.NODE_ENV === 'production') {
    throw new Error('The Stytch stand-in does not start with NODE_ENV=production.')
  }
  const project = createProject(options)
  const closing = new AbortController()
  const listener = getRequestListener(createApp(project, closing.signal).fetch)
  const servers = await listenOnLocalhost(options.port ?? ports.stytch)
  project.url = `http://localhost:${portOf(servers[0])}`
  for (const server of servers) server.on('request', listener)

  return {
    url: project.url,
    project,
    async close() {
      closing.abort()
      await Promise.all(servers.map(closeServer))
    },
  }
}

/** On both addresses of localhost, since clients differ in the one that they try. */
async function listenOnLocalhost(port: number): Promise<[Server, ...Server[]]> {
  const first = await listen(port, '127.0.0.1')
  try {
    return [first, await listen(portOf(first), '::1')]
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A machine without IPv6 is fine.
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return [first]
    await closeServer(first)
    throw error
  }
}

function listen(port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} is in use; set STYTCH_STAND_IN_PORT to another one.`
      reject(error.code === 'EADDRINUSE' ? new Error(taken) : error)
    })
    server.listen(port, host, () => resolve(server))
  })
}

const portOf = (server: Server) => (server.address() as AddressInfo).port

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

if (import.meta.main) {
  try {
    const { url, close } = await startStytchStandIn()
    console.log(`Stytch stand-in: ${url}`)
    const stop = () => void close().then(() => process.exit(0))
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
  } catch (error) {
    console.error((error as Error).message)
    process.exit(1)
  }
}
