import { createClock } from './clock.ts'
import { createDelays } from './delays.ts'
import { createFaults } from './faults.ts'
import { createInbox } from './inbox.ts'
import { createRequestLog } from './request-log.ts'

export type StandInState = ReturnType<typeof createState>

/**
 * The state that every stand-in has, behind the control routes that every stand-in has.
 * @param onReset restores the seed data of the stand-in
 */
export function createState(onReset: () => void | Promise<void>) {
  const clock = createClock()
  const requests = createRequestLog(clock)
  const inbox = createInbox(clock)
  const faults = createFaults()
  const delays = createDelays()

  return {
    clock,
    requests,
    inbox,
    faults,
    delays,
    async reset() {
      // A delayed request would otherwise change the data of the test that comes after the reset.
      delays.cancelAll()
      requests.clear()
      inbox.clear()
      faults.clear()
      clock.setOffset(0)
      await onReset()
    },
  }
}
