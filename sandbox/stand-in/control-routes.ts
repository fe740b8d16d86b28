import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { faultSchema } from './faults.ts'
import { isFromThisMachine } from './same-machine.ts'
import type { StandInState } from './state.ts'

export const controlPrefix = '/_sandbox/'

/** With a `type`, the body is text of this media type. Otherwise it is sent as JSON. */
export type ControlAnswer = { status: number; body: unknown; type?: string }

type ControlRoute = (body: string) => ControlAnswer | Promise<ControlAnswer>

/** By method and path, such as `PUT /_sandbox/clock`. */
export type ControlRoutes = Record<string, ControlRoute>

export const ok = (body: unknown): ControlAnswer => ({ status: 200, body })

export function controlError(status: number, code: string, message: string, details: object = {}) {
  return { status, body: { error: { code, message, ...details } } }
}

/** A route with a JSON body. A body that does not match gets status 400, with every invalid field. */
export function withBody<T>(
  schema: z.ZodType<T>,
  answer: (input: T) => ControlAnswer | Promise<ControlAnswer>,
): ControlRoute {
  return (body) => {
    let json: unknown
    try {
      json = JSON.parse(body || '{}')
    } catch {
      return controlError(400, 'invalid_json', 'The body is not JSON.')
    }
    const result = schema.safeParse(json)
    if (result.success) return answer(result.data)
    const fields = result.error.issues.map((issue) => ({
      field: issue.path.join('.') || '(body)',
      message: issue.message,
    }))
    const message = fields.map(({ field, message }) => `${field}: ${message}`).join('; ')
    return controlError(400, 'invalid_input', message, { fields })
  }
}

const clockSchema = z.strictObject({
  offsetSeconds: z.number().min(-1_000_000_000).max(1_000_000_000),
})

const messageSchema = z.strictObject({ to: z.string(), kind: z.string(), link: z.url() })

/** The control routes that every stand-in has. */
export function sharedControlRoutes(state: StandInState): ControlRoutes {
  const { clock, faults, inbox, requests } = state
  const list = (of: { list(): unknown }) => () => ok(of.list())
  const clear = (of: { clear(): void; list(): unknown }) => () => {
    of.clear()
    return ok(of.list())
  }
  return {
    'GET /_sandbox/health': () => ok({ status: 'ok' }),
    'GET /_sandbox/requests': list(requests),
    'DELETE /_sandbox/requests': clear(requests),
    'GET /_sandbox/inbox': list(inbox),
    // The mail of an in-house login, which the app itself would send.
    'POST /_sandbox/inbox': withBody(messageSchema, (message) => {
      inbox.deliver(message)
      return ok({ status: 'ok' })
    }),
    'DELETE /_sandbox/inbox': clear(inbox),
    'GET /_sandbox/faults': list(faults),
    'PUT /_sandbox/faults': withBody(z.array(faultSchema), (input) => {
      faults.set(input)
      return ok(faults.list())
    }),
    'DELETE /_sandbox/faults': clear(faults),
    'GET /_sandbox/clock': () => ok({ offsetSeconds: clock.offsetSeconds }),
    'PUT /_sandbox/clock': withBody(clockSchema, (input) => {
      clock.setOffset(input.offsetSeconds)
      return ok(input)
    }),
    'POST /_sandbox/reset': async () => {
      await state.reset()
      return ok({ status: 'ok' })
    },
  }
}

/** Answers a request under `/_sandbox/`. */
export async function answerControlRequest(
  routes: ControlRoutes,
  request: { method: string; path: string; headers: IncomingHttpHeaders; body: string },
): Promise<ControlAnswer> {
  if (!isFromThisMachine(request.headers)) {
    return controlError(403, 'foreign_origin', 'Control routes answer only to this machine.')
  }
  const name = `${request.method} ${request.path}`
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined
  if (route) return route(request.body)
  const known = Object.keys(routes)
  return controlError(404, 'unknown_control_route', `There is no control route ${name}.`, { known })
}
