import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Listening = { port: number; close(): Promise<void> }

/**
 * Listens on both addresses of localhost, since clients differ in the one that they try, and nowhere else.
 * @param port 0 takes any free one
 * @param variable what to set to another port when this one is taken
 */
export async function listenOnLocalhost(
  port: number,
  variable: string,
  onRequest: RequestListener,
): Promise<Listening> {
  const first = await listen(port, '127.0.0.1', variable, onRequest)
  const servers = [first]
  const taken = (first.address() as AddressInfo).port
  try {
    servers.push(await listen(taken, '::1', variable, onRequest))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A machine without IPv6 is fine.
    if (code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') {
      await close(first)
      throw error
    }
  }
  return {
    port: taken,
    async close() {
      await Promise.all(servers.map(close))
    },
  }
}

function listen(
  port: number,
  host: string,
  variable: string,
  onRequest: RequestListener,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onRequest)
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} is in use; set ${variable} to another one.`
      reject(error.code === 'EADDRINUSE' ? new Error(taken) : error)
    })
    server.listen(port, host, () => resolve(server))
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** Runs a stand-in as a process of its own, until it is asked to stop; what keeps it from starting is one line. */
export async function runStandIn(
  name: string,
  start: () => Promise<{ url: string; close(): Promise<void> }>,
): Promise<void> {
  try {
    const { url, close } = await start()
    console.log(`${name} stand-in: ${url}`)
    const stop = () => void close().then(() => process.exit(0))
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
  } catch (error) {
    console.error((error as Error).message)
    process.exit(1)
  }
}
