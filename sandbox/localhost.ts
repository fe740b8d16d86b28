import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Listening = { port: number; close(): Promise<void> }

/**
 * Listens on both addresses of localhost, because some clients try only one. No other machine can connect.
 * @param port 0 takes any free port
 * @param variable the environment variable that sets the port, for the error message
 */
export async function listenOnLocalhost(
  port: number,
  variable: string,
  onRequest: RequestListener,
): Promise<Listening> {
  const first = await listen(port, '127.0.0.1', onRequest).catch((error) => {
    throw isInUse(error) ? new Error(portInUse(port, variable)) : error
  })
  const servers = [first]
  const { port: actualPort } = first.address() as AddressInfo
  try {
    servers.push(await listen(actualPort, '::1', onRequest))
  } catch (error) {
    // A machine without IPv6 has only the first address.
    if (!['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      await close(first)
      if (!isInUse(error)) throw error
      // The port that was free at the first address is in use at the second. So this takes another port.
      if (port === 0) return listenOnLocalhost(port, variable, onRequest)
      throw new Error(portInUse(port, variable))
    }
  }
  return {
    port: actualPort,
    async close() {
      await Promise.all(servers.map(close))
    },
  }
}

const portInUse = (port: number, variable: string) =>
  `Port ${port} is in use; set ${variable} to another one.`

const isInUse = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EADDRINUSE'

function listen(port: number, host: string, onRequest: RequestListener): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onRequest)
    server.once('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** Runs a stand-in as a separate process. When it cannot start, the process prints one line and ends. */
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
