import { config } from '../config'
import type { RequestKind } from './kind'

/** The provider whose session serves a request. */
export type Lane = 'stytch' | 'legacy' | 'anonymous'

/** The facts and decisions of the middleware. A trace contains names and reasons, and never a token. */
export type Trace = {
  kind: RequestKind
  /** The slug of the team that the address names. Null on every other page. */
  team: string | null
  /** The kinds of credentials of the request. Empty outside the sandbox. */
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

export const traceHeader = 'x-cutover-trace'

/**
 * Whether the app reads the trace of a request. The inspector reads it in the sandbox, and the figures read it because
 * they count no prefetch. Each page reads it to start a migration. The page about an outage reads it too.
 */
export const isTraceRead = ({ kind, migrate, action }: Trace): boolean =>
  config().sandbox || kind === 'prefetch' || migrate || action === 'retry'

/** A header value holds Latin-1 at most, so the trace is encoded as ASCII. */
export const encodeTrace = (trace: Trace): string => encodeURIComponent(JSON.stringify(trace))

/** @returns null when the middleware passed no trace on, see {@link isTraceRead} */
export function decodeTrace(value: string | null): Trace | null {
  try {
    return value ? (JSON.parse(decodeURIComponent(value)) as Trace) : null
  } catch {
    return null
  }
}
