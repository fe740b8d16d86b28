import type { AddressInfo, Server } from 'node:net'

/**
 * Starts a server on localhost.
 * @returns its port, which is the given one or any free one
 */
export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve))
  return (server.address() as AddressInfo).port
}
