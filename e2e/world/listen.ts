import type { AddressInfo, Server } from 'node:net'

/** Has a server listen on localhost. @returns its port: the one that was asked for, or any free one */
export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve))
  return (server.address() as AddressInfo).port
}
