import { config } from '../config'

/** Moves the time of one browser, for tests. Read in the sandbox only. */
export const clockHeader = 'x-sandbox-clock-offset-seconds'

/** The time of a request. Only the sandbox reads the header, because no client may choose the time. */
export function requestTime(headers: { get(name: string): string | null }): Date {
  const offset = config().sandbox ? Number(headers.get(clockHeader) ?? 0) : 0
  // A larger offset makes an invalid Date, and every comparison with it is false.
  const isUsable = Math.abs(offset) < 3_000_000_000
  return new Date(Date.now() + (isUsable ? offset * 1_000 : 0))
}

/** The value of `Retry-After`: whole seconds until then, at least one. */
export const secondsUntil = (then: Date, now: Date): number =>
  Math.max(1, Math.ceil((then.getTime() - now.getTime()) / 1_000))
