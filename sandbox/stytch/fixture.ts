import type { RequestListener } from 'node:http'
import { B2BClient, Client, StytchError } from 'stytch'
import { listenOnLocalhost } from '../localhost.ts'
import { stytchB2bProject, stytchProject } from '../settings.ts'
import { controlClient } from '../stand-in/control-client.ts'
import type { Message } from '../stand-in/inbox.ts'
import { type StytchStandInOptions, startStytchStandIn } from './server.ts'

/** A stand-in on a free port, with a client of the real server SDK. */
export async function startForTests(options: StytchStandInOptions = {}) {
  const standIn = await startStytchStandIn({
    port: 0,
    userinfoUrl: null,
    webhookUrl: null,
    ...options,
  })

  const control = controlClient(standIn.url)
  const lastMessage = async (): Promise<Message> => (await control('GET', 'inbox')).body.at(-1)

  return {
    ...standIn,
    stytch: client(standIn.url),
    b2b: b2bClient(standIn.url),
    control,
    lastMessage,
    /** The token in the newest mail. */
    async lastToken(): Promise<string> {
      const { link } = await lastMessage()
      return new URL(link ?? '').searchParams.get('token') ?? ''
    },
    setClock: (offsetSeconds: number) => control('PUT', 'clock', { offsetSeconds }),
  }
}

export type TestStandIn = Awaited<ReturnType<typeof startForTests>>

/** A client of the real server SDK. */
export const client = (url: string, secret = stytchProject.secret): Client =>
  silently(() => new Client({ project_id: stytchProject.projectId, secret, env: url }))

/** A client of the real server SDK for the B2B project, or for other credentials. */
export const b2bClient = (url: string, project = stytchB2bProject): B2BClient =>
  silently(() => new B2BClient({ project_id: project.projectId, secret: project.secret, env: url }))

/** The SDK warns about every `env` that is not Stytch's. */
function silently<T>(create: () => T): T {
  const { warn } = console
  console.warn = () => undefined
  try {
    return create()
  } finally {
    console.warn = warn
  }
}

/** The status and the type of the error of a call that must fail. */
export async function errorOf(call: Promise<unknown>): Promise<[status: number, type: string]> {
  const error = await call.then(
    () => new Error('The call succeeded.'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof StytchError) return [error.status_code, error.error_type]
  throw error
}

/** A server of the test on a free port, such as another userinfo endpoint. */
export async function serve(listener: RequestListener) {
  const { port, close } = await listenOnLocalhost(0, '', listener)
  return { url: `http://localhost:${port}`, close }
}
