import 'server-only'
import { after } from 'next/server'

/** Does something once the response is out, so that nobody waits for it. `task` must not throw. */
export function afterResponse(task: () => Promise<void>): void {
  try {
    after(task)
  } catch {
    // Outside of a request, such as in the worker, there is no response to wait for.
    void task()
  }
}
