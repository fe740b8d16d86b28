// The Auth0 stand-in replaces `Date.now` for a library (see scoped-clock.ts). This is the original.
// With the replacement, the offset would count twice.
const systemTime = Date.now

export type Clock = ReturnType<typeof createClock>

/** The time of one stand-in, which tests move. */
export function createClock() {
  let offsetSeconds = 0
  const now = () => systemTime() + offsetSeconds * 1000

  return {
    get offsetSeconds() {
      return offsetSeconds
    },
    setOffset(seconds: number) {
      offsetSeconds = seconds
    },
    /** In milliseconds. */
    now,
    /** In whole seconds, as in the claims of a token. */
    epochSeconds: () => Math.floor(now() / 1000),
    iso: () => new Date(now()).toISOString(),
  }
}
