import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'

/**
 * What both stand-ins share: the request log, the inbox, the faults, the clock
 * and the control routes that read and set them. It knows no web framework: a
 * stand-in hands in method, path, headers and the raw body of each request.
 */

export type RequestRecord = { at: string; method: string; path: string; status: number }

/** A mail or text message that the real service would have sent. */
export type Message = {
  to: string
  kind: string
  code: string | null
  link: string | null
  at: string
}

const faultSchema = z.strictObject({
  /** Left out or `*`: any method. */
  method: z
    .string()
    .transform((method) => method.toUpperCase())
    .optional(),
  /** Exact, or a prefix that ends in `*`. */
  path: z.string().regex(/^(\/|\*$)/, 'must start with "/" or be "*"'),
  status: z.int().min(200).max(599).optional(),
  delayMs: z.number().min(0).max(600_000).optional(),
  /** Close the connection without an answer. */
  drop: z.boolean().optional(),
  /** Sent as it is when a string, as JSON otherwise. */
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** How many requests it hits; left out: every one until cleared. */
  times: z.int().min(1).optional(),
})

/** One planned misbehaviour. With only `delayMs` the real answer follows, late. */
export type Fault = z.infer<typeof faultSchema>

const clockSchema = z.strictObject({
  offsetSeconds: z.number().min(-1_000_000_000).max(1_000_000_000),
})

export type ControlAnswer = { status: number; body: unknown }

export type ControlRequest = {
  method: string
  /** Without the query string. */
  path: string
  /** The raw text; empty or undefined when there is none. */
  body?: string
  headers: Headers | Record<string, string | string[] | undefined>
}

/** A thousand page views fit; a forgotten demo does not fill the memory. */
const LOG_LIMIT = 10_000

// Taken once: a stand-in may move `Date.now` for the library that it runs, and
// the offset must not be counted twice.
const wallClock = Date.now

export type ControlState = ReturnType<typeof createControlState>

/** The state behind the control routes. `onReset` restores the stand-in's seed. */
export function createControlState(options: { onReset?: () => void | Promise<void> } = {}) {
  let log: RequestRecord[] = []
  const messages: Message[] = []
  let faults: Fault[] = []
  let offsetSeconds = 0
  let holding = new AbortController()

  const clock = {
    get offsetSeconds() {
      return offsetSeconds
    },
    set(seconds: number) {
      offsetSeconds = seconds
    },
    /** The stand-in's time in milliseconds. */
    now: () => wallClock() + offsetSeconds * 1000,
    /** The stand-in's time in whole seconds, as tokens count it. */
    epochSeconds: () => Math.floor(wallClock() / 1000 + offsetSeconds),
    iso: () => new Date(wallClock() + offsetSeconds * 1000).toISOString(),
  }

  const requests = {
    /**
     * To be called when a request arrives. What it returns is to be called when it ends, and writes it down with
     * that time; status 0: dropped. Pass the path alone: query strings hold codes and tokens.
     *
     * What arrived before the log was cleared goes into the old one, which nobody reads: it would be taken for a
     * request of whoever cleared it.
     */
    begin(method: string, pathAndQuery: string): (status: number) => void {
      const path = pathAndQuery.split('?', 1)[0] ?? ''
      const logThen = log
      return (status) => {
        logThen.push({ at: clock.iso(), method, path, status })
        if (logThen.length > LOG_LIMIT) logThen.shift()
      }
    },
    list: (): RequestRecord[] => [...log],
    clear() {
      log = []
    },
  }

  const inbox = {
    deliver(message: { to: string; kind: string; code?: string | null; link?: string | null }) {
      const { to, kind, code = null, link = null } = message
      messages.push({ to, kind, code, link, at: clock.iso() })
      if (messages.length > LOG_LIMIT) messages.shift()
    },
    list: (): Message[] => [...messages],
    clear() {
      messages.length = 0
    },
  }

  /** Ends every `hold`. */
  const letGo = () => {
    holding.abort()
    holding = new AbortController()
  }

  return {
    clock,
    requests,
    inbox,
    faults: {
      set(list: Fault[]) {
        faults = list.map((fault) => ({ ...fault }))
      },
      /** What is still planned, with the `times` that are left. */
      list: (): Fault[] => faults.map((fault) => ({ ...fault })),
      clear() {
        faults = []
      },
    },

    /** The fault for this request, counted as used. The control routes have none. */
    matchFault(method: string, path: string): Fault | null {
      if (path.startsWith(CONTROL_PREFIX)) return null
      const fault = faults.find((candidate) => hits(candidate, method, path))
      if (!fault) return null
      if (fault.times !== undefined) {
        fault.times -= 1
        if (fault.times === 0) faults = faults.filter((candidate) => candidate !== fault)
      }
      return { ...fault }
    },

    /**
     * Holds a request back. False: `letGo` or `reset` was called meanwhile, and the request is to be dropped. It
     * would otherwise act on a world that it was not sent to.
     */
    async hold(milliseconds: number): Promise<boolean> {
      const { signal } = holding
      await wait(milliseconds, undefined, { signal }).catch(() => undefined)
      return !signal.aborted
    },

    letGo,

    async reset() {
      letGo()
      requests.clear()
      messages.length = 0
      faults = []
      offsetSeconds = 0
      await options.onReset?.()
    },
  }
}

function hits(fault: Fault, method: string, path: string): boolean {
  const anyMethod = fault.method === undefined || fault.method === '*'
  if (!anyMethod && fault.method !== method.toUpperCase()) return false
  return fault.path.endsWith('*') ? path.startsWith(fault.path.slice(0, -1)) : path === fault.path
}

/**
 * What a fault answers, or null when the request goes on (after `delayMs`).
 * `drop` is the caller's to do, since it needs the socket.
 */
export function faultAnswer(
  fault: Fault,
): { status: number; headers: Record<string, string>; body: string } | null {
  if (fault.status === undefined && fault.body === undefined) return null
  const isText = typeof fault.body === 'string'
  return {
    status: fault.status ?? 200,
    headers: { 'content-type': isText ? 'text/plain' : 'application/json', ...fault.headers },
    body: isText ? (fault.body as string) : JSON.stringify(fault.body ?? {}),
  }
}

export const CONTROL_PREFIX = '/_sandbox/'

/** The routes that `handleControl` serves, for the answer to an unknown one. */
export const sharedControlRoutes = [
  'GET /_sandbox/health',
  'GET /_sandbox/requests',
  'DELETE /_sandbox/requests',
  'GET /_sandbox/inbox',
  'DELETE /_sandbox/inbox',
  'GET /_sandbox/faults',
  'PUT /_sandbox/faults',
  'DELETE /_sandbox/faults',
  'GET /_sandbox/clock',
  'PUT /_sandbox/clock',
  'POST /_sandbox/reset',
]

/**
 * Answers a control request. Null: nothing of the shared part is meant, and the
 * caller goes on with routes of its own. A request that a foreign web page made
 * is refused before that, so routes that come after it are guarded too.
 */
export async function handleControl(
  state: ControlState,
  request: ControlRequest,
): Promise<ControlAnswer | null> {
  if (!request.path.startsWith(CONTROL_PREFIX)) return null
  const refusal = refuseForeignPages(request.headers)
  if (refusal) return refusal

  switch (`${request.method.toUpperCase()} ${request.path}`) {
    case 'GET /_sandbox/health':
      return { status: 200, body: { status: 'ok' } }
    case 'GET /_sandbox/requests':
      return { status: 200, body: state.requests.list() }
    case 'DELETE /_sandbox/requests':
      state.requests.clear()
      return { status: 200, body: [] }
    case 'GET /_sandbox/inbox':
      return { status: 200, body: state.inbox.list() }
    case 'DELETE /_sandbox/inbox':
      state.inbox.clear()
      return { status: 200, body: [] }
    case 'GET /_sandbox/faults':
      return { status: 200, body: state.faults.list() }
    case 'PUT /_sandbox/faults': {
      const input = parseControlBody(z.array(faultSchema), request.body)
      if (!input.ok) return input.answer
      state.faults.set(input.value)
      return { status: 200, body: state.faults.list() }
    }
    case 'DELETE /_sandbox/faults':
      state.faults.clear()
      return { status: 200, body: [] }
    case 'GET /_sandbox/clock':
      return { status: 200, body: { offsetSeconds: state.clock.offsetSeconds } }
    case 'PUT /_sandbox/clock': {
      const input = parseControlBody(clockSchema, request.body)
      if (!input.ok) return input.answer
      state.clock.set(input.value.offsetSeconds)
      return { status: 200, body: input.value }
    }
    case 'POST /_sandbox/reset':
      await state.reset()
      return { status: 200, body: { status: 'ok' } }
    default:
      return null
  }
}

/** Parses a control body; `answer` is the 400 that names every invalid field. */
export function parseControlBody<T>(
  schema: z.ZodType<T>,
  body: string | undefined,
): { ok: true; value: T } | { ok: false; answer: ControlAnswer } {
  let json: unknown
  try {
    json = JSON.parse(body || '{}')
  } catch {
    return { ok: false, answer: controlError(400, 'invalid_json', 'The body is not JSON.') }
  }
  const result = schema.safeParse(json)
  if (result.success) return { ok: true, value: result.data }
  const fields = result.error.issues.map((issue) => ({
    field: issue.path.join('.') || '(body)',
    message: issue.message,
  }))
  const message = fields.map(({ field, message }) => `${field}: ${message}`).join('; ')
  return {
    ok: false,
    answer: { status: 400, body: { error: { code: 'invalid_input', message, fields } } },
  }
}

/** The answer for a route under `/_sandbox/` that nobody serves. */
export function unknownControlRoute(request: ControlRequest, known: string[]): ControlAnswer {
  const message = `No control route ${request.method} ${request.path}.`
  return { status: 404, body: { error: { code: 'unknown_control_route', message, known } } }
}

export function controlError(status: number, code: string, message: string): ControlAnswer {
  return { status, body: { error: { code, message } } }
}

/**
 * Any web page that is open in the same browser can send requests to localhost.
 * `Host` is checked as well, because a name of the attacker's may be made to
 * point at 127.0.0.1, and then nothing looks cross-site.
 */
export function refuseForeignPages(headers: ControlRequest['headers']): ControlAnswer | null {
  const header = (name: string) =>
    headers instanceof Headers ? headers.get(name) : (headers[name]?.toString() ?? null)
  const origin = header('origin')
  const host = header('host')
  const foreign =
    header('sec-fetch-site') === 'cross-site' ||
    (origin !== null && !isLocal(origin)) ||
    (host !== null && !isLocal(`http://${host}`))
  if (!foreign) return null
  return controlError(403, 'foreign_origin', 'Control routes answer only to this machine.')
}

function isLocal(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname)
}
