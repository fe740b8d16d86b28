import 'server-only'
import { after } from 'next/server'

/** Runs a task after the response, so that the user does not wait for it. `task` must not throw. */
export function afterResponse(task: () => Promise<void>): void {
  try {
    after(task)
  } catch {
    // `after` throws outside a request, such as in the worker.
    void task()
  }
}
