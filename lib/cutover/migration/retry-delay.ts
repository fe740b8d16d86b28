/** Delay after the first failure. Each further failure doubles it, up to the maximum. In seconds. */
const firstDelay = 30
const maximumDelay = 3_600

/**
 * The time of the next attempt after `attempts` failures.
 * An attempt calls userinfo twice, once from this app and once from Stytch. Auth0 allows a user five calls a
 * minute. Up to a fifth is added at random, so that many clients do not retry at the same moment.
 */
export function retryTime(attempts: number, now: Date, random: () => number = Math.random): Date {
  const seconds = Math.min(firstDelay * 2 ** (attempts - 1), maximumDelay)
  return new Date(now.getTime() + seconds * 1_000 * (1 + random() / 5))
}
