import type { Clock } from './clock.ts'

/** `at` is the time of the response. Status 0: the connection was dropped. */
export type LoggedRequest = { at: string; method: string; path: string; status: number }

/** A demo that runs for weeks must not fill the memory. */
const maxEntries = 10_000

/** The requests that a stand-in has answered. It has no bodies and query strings, because they hold secrets. */
export function createRequestLog(clock: Clock) {
  let entries: LoggedRequest[] = []

  return {
    /**
     * Call it when a request arrives, and call the returned function when the response ends.
     * A request that arrived before `clear()` is not logged after it, because a test would count it as its own.
     */
    begin(method: string, path: string): (status: number) => void {
      const entriesAtArrival = entries
      return (status) => {
        entriesAtArrival.push({ at: clock.iso(), method, path, status })
        if (entriesAtArrival.length > maxEntries) entriesAtArrival.shift()
      }
    },
    list: (): LoggedRequest[] => [...entries],
    clear() {
      entries = []
    },
  }
}
