import type { Assessment } from './assess'
import type { RequestKind } from './verdict'

/** What the middleware saw and decided, for a person to look at. Names and reasons only, never a token. */
export type Trace = {
  kind: RequestKind
  /** Which credentials came with the request. */
  credentials: string[]
  issuer: string | null
  lane: string
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

/** Describes an assessment. */
export function traceOf(kind: RequestKind, assessed: Assessment, microseconds: number): Trace {
  const { verdict, cohort, policy, stytch, legacy, tokens, credentials, refusal } = assessed
  const session =
    stytch.state === 'valid' ? stytch.session : legacy.state === 'valid' ? legacy.session : null
  const known = /^(?:stytch_session(?:_jwt)?|__session(?:__\d+)?|auth_flow)$/
  return {
    kind,
    credentials: [
      ...(credentials.bearer === null ? [] : ['Authorization: Bearer']),
      ...[...credentials.cookies.keys()].filter((name) => known.test(name)),
    ],
    issuer: session?.issuer.canonicalName ?? null,
    lane: verdict.lane,
    action: verdict.action,
    reason: verdict.reason,
    refusal,
    migrate: verdict.migrate,
    refreshed: tokens !== null,
    flow: cohort.flow,
    flowReason: cohort.reason,
    policyVersion: policy.version,
    microseconds: Math.round(microseconds),
  }
}

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
