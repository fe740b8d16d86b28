import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * The ports that no system gives away by itself. A port that the system gave us once, it may give to the next client
 * or server before ours listens there.
 */
const [first, end] = [20_000, 32_000]

/** A port at which nobody listens now, for a server that starts later or listens again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(first, end)
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1'))) return port
  }
}

/** True also for an address that this machine does not have, such as ::1 without IPv6. */
function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'EADDRINUSE'))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
