import type { RequestKind } from './kind'

/** Which provider's session a request is served on. */
export type Lane = 'stytch' | 'legacy' | 'anonymous'

/** What the middleware saw and decided, for a person to look at. Names and reasons only, never a token. */
export type Trace = {
  kind: RequestKind
  /** Which credentials came with the request. */
  credentials: string[]
  issuer: string | null
  lane: Lane
  action: string
  reason: string
  refusal: string | null
  migrate: boolean
  refreshed: boolean
  flow: string
  flowReason: string
  policyVersion: number
  microseconds: number
}

/** Internal headers begin with this; the middleware takes all of a client's away. */
export const internalPrefix = 'x-cutover-'
export const traceHeader = `${internalPrefix}trace`

/** Header values are Latin-1 at best; everything in a trace is ASCII. */
export const encodeTrace = (trace: Trace): string => encodeURIComponent(JSON.stringify(trace))

/** @returns null where no middleware ran */
export function decodeTrace(value: string | null): Trace | null {
  try {
    return value ? (JSON.parse(decodeURIComponent(value)) as Trace) : null
  } catch {
    return null
  }
}
