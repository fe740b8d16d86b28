import { database } from '../world/database.ts'
import { test as base } from '../world/test.ts'

export { expect } from '../world/test.ts'

/** As everywhere, with no job in the queue. A job that is left would write to the next test's world. */
export const test = base.extend<{ emptyQueue: undefined }>({
  emptyQueue: [
    // The app makes the queue when the mirror starts, and it serves requests only then.
    async ({ freshWorld: _ }, use) => {
      const forgetJobs = () => database.query('delete from pgboss.job')
      await forgetJobs()
      await use(undefined)
      await forgetJobs()
    },
    { auto: true },
  ],
})

/** A failed attempt of the mirror waits for three to six seconds, the next one for twice as long. */
export const afterRetries = { timeout: 25_000 }
