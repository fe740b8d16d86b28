import 'server-only'
import { setTimeout as delay } from 'node:timers/promises'
import { ProviderFailure } from '../../../provider-failure'
import { callStytch } from '../../../stytch/client'
import { type Denial, endStorm, type Grant, pauseAll, takeStart } from './pace'

/** Calls Stytch at the shared rate. An answer 429 pauses all processes, and the call is made again. */
export type Limiter = <T>(call: Parameters<typeof callStytch<T>>[0]) => Promise<T>

/** Calls one project of Stytch, whose kind decides the client. */
type Send<Client> = <T>(call: (client: Client) => Promise<T>, deadline?: number) => Promise<T>

/** How long after its grant a call may start. In milliseconds. */
export const slackMilliseconds = 100
/** The deadline of a call. Stytch verifies no password during an import, so it answers soon. In milliseconds. */
const deadlineMilliseconds = 10_000

type Pace = {
  take: (spacing: number) => Promise<Grant | Denial>
  pause: (at: number) => Promise<void>
  endStorm: (at: number) => Promise<void>
}

type Options = {
  pace?: Pace
  /** In milliseconds. */
  clock?: () => number
  wait?: (milliseconds: number) => Promise<unknown>
  deadline?: number
  /** Awaited before a call that got an answer 429 is made again. */
  beforeRetry?: () => Promise<unknown>
}

const sharedPace: Pace = { take: takeStart, pause: pauseAll, endStorm }

/**
 * The time between two grants. A call starts at most the slack after its grant. So N + 1 grants are a second and the
 * slack apart, and N + 1 starts are at least a second apart.
 */
export const spacingOf = (rate: number): number => (1_000 + slackMilliseconds) / rate

/**
 * A limiter for all processes: never more than `rate` starts in any window of a second.
 * @param rate calls a second, by all processes together
 */
export const createLimiter = (rate: number, options: Options = {}): Limiter =>
  limitCalls(callStytch, rate, options)

/** {@link createLimiter} for any project. All projects share the rate. */
export function limitCalls<Client>(
  send: Send<Client>,
  rate: number,
  {
    pace = sharedPace,
    clock = () => performance.now(),
    wait = delay,
    deadline = deadlineMilliseconds,
    beforeRetry = async () => {},
  }: Options = {},
): <T>(call: (client: Client) => Promise<T>) => Promise<T> {
  const spacing = spacingOf(rate)
  let last: Promise<unknown> = Promise.resolve()

  async function take(): Promise<Grant> {
    for (;;) {
      const asked = clock()
      const answer = await pace.take(spacing)
      if (!answer.isGranted) await wait(answer.waitMilliseconds)
      // A grant that arrives late is not used. Otherwise it and later ones could start within one second.
      else if (clock() - asked <= slackMilliseconds) return answer
    }
  }
  /** One caller of this process at a time asks, so that a process with many workers asks no more than another. */
  function start(): Promise<Grant> {
    const mine = last.then(take)
    last = mine.catch(() => undefined)
    return mine
  }

  return async (call) => {
    for (;;) {
      const { at, strikes } = await start()
      try {
        const answer = await send(call, deadline)
        if (strikes > 0) await pace.endStorm(at)
        return answer
      } catch (error) {
        if (!(error instanceof ProviderFailure) || error.code !== 'rate_limited') throw error
        await pace.pause(at)
        await beforeRetry()
      }
    }
  }
}
