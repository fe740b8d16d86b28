import { setTimeout as delay } from 'node:timers/promises'
import type { Patience } from '../../../legacy/auth0/organization-pages'
import { ProviderFailure } from '../../../provider-failure'

type Options = {
  signal?: AbortSignal
  now?: () => number
  wait?: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>
}

/** The shortest wait. Auth0 gives new calls back every second. In milliseconds. */
const shortest = 1_000

/** Repeats a call that Auth0 refuses with 429, at the time that Auth0 names. Every other error is thrown. */
export const patientCalls =
  ({
    signal,
    now = Date.now,
    wait = (milliseconds, stop) => delay(milliseconds, undefined, { signal: stop }),
  }: Options = {}): Patience =>
  async (ask) => {
    for (;;) {
      signal?.throwIfAborted()
      try {
        return await ask()
      } catch (error) {
        if (!(error instanceof ProviderFailure) || error.code !== 'rate_limited') throw error
        const named = (error.retryAt?.getTime() ?? 0) - now()
        await wait(Math.max(named, shortest), signal)
      }
    }
  }
