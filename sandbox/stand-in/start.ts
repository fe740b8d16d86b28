import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listenOnLocalhost } from '../localhost.ts'
import {
  answerControlRequest,
  type ControlRoutes,
  controlPrefix,
  sharedControlRoutes,
} from './control-routes.ts'
import { type Fault, faultResponse } from './faults.ts'
import type { StandInState } from './state.ts'

/** The part that differs between the stand-ins. */
export type StandIn<State extends StandInState> = {
  state: State
  controlRoutes: ControlRoutes
  /** Answers every request that is neither for a control route nor hit by a fault. */
  serve: (request: IncomingMessage, response: ServerResponse) => unknown
  /** Adds the body and headers that the real service would send with this status. */
  completeFault(fault: Fault, request: IncomingMessage): Fault
  /** Pages for people. They are not logged and get no faults. */
  pages?: string[]
}

type StartOptions = {
  name: string
  /** 0 takes any free port. */
  port: number
  /** The environment variable that sets the port. */
  portVariable: string
  log: (line: string) => void
}

/** Starts a stand-in on localhost. Rejects when the port is in use. */
export async function startStandIn<State extends StandInState>(
  { name, port, portVariable, log }: StartOptions,
  create: (url: string) => StandIn<State> | Promise<StandIn<State>>,
): Promise<{ url: string; state: State; close(): Promise<void> }> {
  if (process.env.NODE_ENV === 'production') {
    throw new Error(`The ${name} stand-in does not start with NODE_ENV=production.`)
  }
  // The stand-in needs its URL, and so its port, before it exists. Requests that arrive earlier wait.
  const created = Promise.withResolvers<StandIn<State>>()
  const listener: RequestListener = (request, response) => {
    created.promise
      .then((standIn) => answer(standIn, request, response))
      .catch((error: Error) => {
        log(`${name} stand-in: ${error.stack}`)
        if (!response.headersSent) response.writeHead(500)
        response.end()
      })
  }
  const listening = await listenOnLocalhost(port, portVariable, listener)
  const url = `http://localhost:${listening.port}`
  const standIn = await create(url)
  created.resolve(standIn)

  return {
    url,
    state: standIn.state,
    async close() {
      standIn.state.delays.cancelAll()
      await listening.close()
    },
  }
}

async function answer(
  standIn: StandIn<StandInState>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { method = 'GET', headers, url = '/' } = request
  // The log gets only the path, because the query may hold codes and tokens.
  const path = url.split('?', 1)[0] ?? '/'
  const { state } = standIn
  // With the clock moved, every answer must look as if the server's clock was wrong.
  if (state.clock.offsetSeconds !== 0) {
    response.setHeader('date', new Date(state.clock.now()).toUTCString())
  }

  if (path.startsWith(controlPrefix)) {
    const routes = { ...sharedControlRoutes(state), ...standIn.controlRoutes }
    const body = await text(request)
    const {
      status,
      body: answered,
      type,
    } = await answerControlRequest(routes, {
      method,
      path,
      headers,
      body,
    })
    response.writeHead(status, {
      'content-type': type ?? 'application/json',
      'cache-control': 'no-store',
    })
    response.end(type ? answered : JSON.stringify(answered))
    return
  }

  if (!standIn.pages?.includes(path)) {
    const logStatus = state.requests.begin(method, path)
    response.once('close', () => logStatus(response.writableFinished ? response.statusCode : 0))
    // A preflight request must not use up a fault that is meant for the request after it.
    const fault = method === 'OPTIONS' ? null : state.faults.take(method, path)
    if (fault && (await sendFault(standIn, fault, request, response))) return
    if (fault?.loseResponse) loseResponse(response)
  }
  await standIn.serve(request, response)
}

/** Nothing that the request's handler sends leaves the machine. */
function loseResponse(response: ServerResponse): void {
  Object.assign(response, {
    writeHead: () => response,
    write: () => true,
    end: () => response.destroy(),
  })
}

/** True when the fault has ended the request. */
async function sendFault(
  standIn: StandIn<StandInState>,
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { delayMs } = fault
  const isCancelled = delayMs !== undefined && !(await standIn.state.delays.wait(delayMs))
  if (fault.drop || isCancelled) {
    response.destroy()
    return true
  }
  const sent = faultResponse(standIn.completeFault(fault, request))
  if (!sent) return false
  response.writeHead(sent.status, sent.headers)
  response.end(sent.body)
  return true
}
