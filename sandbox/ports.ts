import { connect, createServer } from 'node:net'

export type WantedPort = {
  port: number
  /** The server that will listen on it. */
  user: string
  /** The environment variable that sets it. */
  variable: string
}

/** Null when every port is free. Else one line that names the port and what to do. */
export async function portProblem(wanted: WantedPort[]): Promise<string | null> {
  for (const [index, { port, user, variable }] of wanted.entries()) {
    const duplicate = wanted.slice(0, index).find((other) => other.port === port)
    if (duplicate) {
      return `${duplicate.variable} and ${variable} are both ${port}: each needs its own port.`
    }
    // Some systems let us listen on localhost while another server listens on every interface. A connection finds
    // that server.
    const answers = (await answersOn('127.0.0.1', port)) || (await answersOn('::1', port))
    const refusal = answers ? 'EADDRINUSE' : await listenRefusal(port)
    if (refusal === 'EADDRINUSE') {
      return `Port ${port} is in use, but the ${user} needs it: stop what listens there, or choose another with ${variable}=<port>.`
    }
    if (refusal) {
      return `Port ${port} cannot be opened for the ${user} (${refusal}): choose another with ${variable}=<port>.`
    }
  }
  return null
}

function answersOn(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.setTimeout(1000, () => done(false))
    socket.on('connect', () => done(true))
    socket.on('error', () => done(false))
    function done(answer: boolean) {
      socket.destroy()
      resolve(answer)
    }
  })
}

function listenRefusal(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(port, 'localhost', () => server.close(() => resolve(null)))
  })
}
