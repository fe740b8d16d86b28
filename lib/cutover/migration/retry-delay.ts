/**
 * When to try again after the n-th failure: 30 seconds, doubled each time, an hour at most, and up to a
 * fifth more so that a crowd does not come back in step. An attempt asks userinfo twice (we, then
 * Stytch), and Auth0 allows a person five a minute.
 */
export function backOff(attempts: number, now: Date, random: () => number = Math.random): Date {
  const seconds = Math.min(30 * 2 ** (attempts - 1), 3_600)
  return new Date(now.getTime() + seconds * 1_000 * (1 + random() / 5))
}
