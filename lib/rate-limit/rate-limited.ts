/** Too many events of one key in its window. The event that met this error has not taken place. */
export class RateLimited extends Error {
  readonly code = 'too_many_attempts'
  readonly retryAfterSeconds: number
  constructor(limit: string, millisecondsLeft: number) {
    super(`The rate limit "${limit}" is used up.`)
    this.name = 'RateLimited'
    this.retryAfterSeconds = Math.max(1, Math.ceil(millisecondsLeft / 1_000))
  }
}

/** The waiting time for people: "30 seconds", "1 minute", "4 minutes". */
export function waitText(seconds: number): string {
  const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** The message of a form that met a limit. */
export const tooManyAttempts = ({ retryAfterSeconds }: RateLimited): string =>
  `Too many attempts. Try again in ${waitText(retryAfterSeconds)}.`
