import { database } from '../world/database.ts'
import { test as base } from '../world/test.ts'

export { expect } from '../world/test.ts'

/** The common test with an empty queue. A job of an earlier test would write into the next one. */
export const test = base.extend<{ emptyQueue: undefined }>({
  emptyQueue: [
    // The app creates the queue before it serves its first request.
    async ({ freshWorld: _ }, use) => {
      const forgetJobs = () => database.query('delete from pgboss.job')
      await forgetJobs()
      await use(undefined)
      await forgetJobs()
    },
    { auto: true },
  ],
})

/** The mirror retries a failed attempt after three to six seconds, and the next one after twice as long. */
export const afterRetries = { timeout: 25_000 }
