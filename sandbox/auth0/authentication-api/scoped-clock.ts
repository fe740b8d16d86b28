import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Moves time for oidc-provider, which reads `Date.now()` and has no setting for
 * it. Only code that runs inside `runAt` sees the other time, so a second server
 * or a test in the same process keeps its own.
 */
const scope = new AsyncLocalStorage<() => number>()

const realNow = Date.now
let users = 0

/** Takes effect with the first caller; the returned function undoes it with the last. */
export function installScopedClock(): () => void {
  if (users++ === 0) Date.now = () => scope.getStore()?.() ?? realNow()
  let released = false
  return () => {
    if (released) return
    released = true
    if (--users === 0) Date.now = realNow
  }
}

export function runAt<T>(now: () => number, work: () => T): T {
  return scope.run(now, work)
}
