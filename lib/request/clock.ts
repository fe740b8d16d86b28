import { config } from '../config'

/** Lets a test travel in time, one browser at a time; read in the sandbox only. */
export const clockHeader = 'x-sandbox-clock-offset-seconds'

/** The time of a request. Outside the sandbox the header is dead: a client must not choose the time. */
export function requestTime(headers: { get(name: string): string | null }): Date {
  const offset = config().sandbox ? Number(headers.get(clockHeader) ?? 0) : 0
  // Beyond that a date is no date any more, and compares with nothing.
  const isSane = Math.abs(offset) < 3_000_000_000
  return new Date(Date.now() + (isSane ? offset * 1000 : 0))
}

/** How long until then, in whole seconds and at least one: what `Retry-After` says. */
export const secondsUntil = (then: Date, now: Date): number =>
  Math.max(1, Math.ceil((then.getTime() - now.getTime()) / 1_000))
