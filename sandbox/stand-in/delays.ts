import { setTimeout as sleep } from 'node:timers/promises'

/** The delays of requests that a fault or a slow key set holds back. */
export function createDelays() {
  let pending = new AbortController()

  return {
    /** Resolves with false when the delay was cancelled before its end. */
    async wait(milliseconds: number): Promise<boolean> {
      const { signal } = pending
      await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
      return !signal.aborted
    },
    cancelAll() {
      pending.abort()
      pending = new AbortController()
    },
  }
}
