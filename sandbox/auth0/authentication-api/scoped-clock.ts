import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * oidc-provider reads `Date.now()` and has no setting for the time. Only code inside `runAt` sees the
 * other time, so a second stand-in or a test in the same process keeps its own.
 */
const scope = new AsyncLocalStorage<() => number>()

const systemTime = Date.now
let installations = 0

/** Replaces `Date.now`. The returned function restores it once every installation has been undone. */
export function installScopedClock(): () => void {
  if (installations++ === 0) Date.now = () => scope.getStore()?.() ?? systemTime()
  let isUndone = false
  return () => {
    if (isUndone) return
    isUndone = true
    if (--installations === 0) Date.now = systemTime
  }
}

export function runAt<T>(now: () => number, work: () => T): T {
  return scope.run(now, work)
}
