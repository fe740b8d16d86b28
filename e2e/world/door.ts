import { connect, createServer, type Socket } from 'node:net'

/**
 * A TCP proxy between the app and its database. While it is closed, it cuts the app's connections and refuses
 * new ones, as when the database is down. While it is frozen, it accepts connections and passes nothing on, as when the
 * database hangs. Tests connect directly to the database.
 */
export type Door = {
  open(): Promise<void>
  close(): Promise<void>
  freeze(): void
  thaw(): void
}

export function createDoor(port: number, target: { host: string; port: number }): Door {
  const sockets = new Set<Socket>()
  let isFrozen = false
  const server = createServer((outside) => {
    const inside = connect(target)
    for (const [socket, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.pipe(other)
      if (isFrozen) socket.pause()
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })

  return {
    freeze() {
      isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw() {
      isFrozen = false
      for (const socket of sockets) socket.resume()
    },
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
