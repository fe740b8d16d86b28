import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client, StytchError } from 'stytch'
import { stytchProject } from '../settings.ts'
import type { Message } from '../stand-in/control.ts'
import { type StytchStandInOptions, startStytchStandIn } from './server.ts'

/** A stand-in on a free port, with the real server SDK pointed at it. */
export async function startForTests(options: StytchStandInOptions = {}) {
  const standIn = await startStytchStandIn({
    port: 0,
    userinfoUrl: null,
    webhook: null,
    ...options,
  })

  const control = async (method: string, path: string, body?: unknown) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const response = await fetch(`${standIn.url}/_sandbox/${path}`, { method, body: text })
    return { status: response.status, body: await response.json() }
  }
  const lastMessage = async (): Promise<Message> => (await control('GET', 'inbox')).body.at(-1)

  return {
    ...standIn,
    stytch: client(standIn.url),
    control,
    lastMessage,
    /** The token in the newest mail, as it is in the app's URL after the redirect. */
    async lastToken(): Promise<string> {
      const { link } = await lastMessage()
      return new URL(link ?? '').searchParams.get('token') ?? ''
    },
    wait: (seconds: number) => control('PUT', 'clock', { offsetSeconds: seconds }),
  }
}

export type TestStandIn = Awaited<ReturnType<typeof startForTests>>

/** The real SDK's client. */
export function client(url: string, secret = stytchProject.secret): Client {
  const { warn } = console
  // The SDK remarks on every `env` that is not Stytch's.
  console.warn = () => undefined
  try {
    return new Client({ project_id: stytchProject.projectId, secret, env: url })
  } finally {
    console.warn = warn
  }
}

/** The error of a call that must fail: its status and its type. */
export async function errorOf(call: Promise<unknown>): Promise<[status: number, type: string]> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof StytchError) return [error.status_code, error.error_type]
  throw error
}

/** A server of the test's own on a free port, such as somebody's userinfo endpoint. */
export async function serve(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, close }
}
