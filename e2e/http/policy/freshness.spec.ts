import { setTimeout as wait } from 'node:timers/promises'
import { shown } from '../../steps/flow.ts'
import { putJson } from '../../steps/policy-api.ts'
import { ask } from '../../steps/request.ts'
import { roll, rolling } from '../../steps/rolling-policy.ts'
import { expect, test } from '../../world/test.ts'

/** A change of the policy is in force five seconds later, also for a burst of the first requests after an idle time. */

const visitors = 400
/** Nobody asks the app for longer than a change may take. Nothing can stand in for this wait: it is what is tested. */
const idleMilliseconds = 6_000

const burst = <T>(request: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: visitors }, request))

/** Raises the percentage from 60 to 100. Both runtimes have just read the policy before. */
async function changeAndIdle(): Promise<number> {
  await roll({ percent: 60 })
  const changed = await putJson(rolling({ percent: 100 }))
  expect(changed.status).toBe(200)
  await wait(idleMilliseconds)
  return changed.json().version
}

test(`the edge decides by the changed policy for the first ${visitors} visitors after an idle time`, async () => {
  await changeAndIdle()
  const answers = await burst(() => ask('/login'))
  const flows = answers.map(shown)
  expect(flows.filter((flow) => flow !== 'stytch')).toEqual([])
})

test(`Node decides by the changed policy for the first ${visitors} clients after an idle time`, async () => {
  const version = await changeAndIdle()
  // The edge lets these through. The route handler refuses what is not a token, and names its policy.
  const answers = await burst(() => ask('/api/sessions/migrate', { method: 'POST', bearer: 'no' }))
  const versions = answers.map((answer) => answer.json().policyVersion)
  expect(new Set(versions)).toEqual(new Set([version]))
})

test(`a process that has just started decides by the policy for its first ${visitors} clients`, async ({
  startApp,
}) => {
  const version = await roll({ percent: 60 })
  const { url: base } = await startApp()
  const answers = await burst(() =>
    ask('/api/sessions/migrate', { base, method: 'POST', bearer: 'no' }),
  )
  const versions = answers.map((answer) => answer.json().policyVersion)
  expect(new Set(versions)).toEqual(new Set([version]))
})
