import { expect, it } from 'vitest'
import { type CircuitState, createCircuitBreaker } from './circuit-breaker'

class Answer extends Error {}

function setUp() {
  let now = 0
  let isBack = false
  let timer: (() => void) | null = null
  const changes: CircuitState[] = []
  const breaker = createCircuitBreaker({
    probe: async () => {
      if (!isBack) throw new Error('no answer')
    },
    isAnswer: (error) => error instanceof Answer,
    clock: () => now,
    after: (_, work) => {
      timer = work
    },
    onChange: (state) => changes.push(state),
  })
  return {
    breaker,
    changes,
    recover: () => {
      isBack = true
    },
    /** A call that ends after some time. */
    async call(milliseconds: number, error?: Error) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const ended = breaker.watch(promise).catch(() => undefined)
      now += milliseconds
      if (error) reject(error)
      else resolve()
      await ended
    },
    /** Lets the pause end, and the probe with it. */
    async pauseEnds() {
      timer?.()
      await new Promise(setImmediate)
    },
  }
}

const timeout = new Error('timeout')

it('opens after three time-outs in a row, and not before', async () => {
  const { breaker, call } = setUp()
  await call(3_000, timeout)
  await call(3_000, timeout)
  expect(breaker.state).toBe('closed')
  await call(3_000, timeout)
  expect(breaker.state).toBe('open')
})

it.each([
  ['a success', undefined],
  ['the violation of a constraint', new Answer('23505')],
])('starts to count again after %s', async (_, error) => {
  const { breaker, call } = setUp()
  await call(3_000, timeout)
  await call(3_000, timeout)
  await call(2_900, error)
  await call(3_000, timeout)
  await call(3_000, timeout)
  expect(breaker.state).toBe('closed')
})

it('never opens for errors that the server answers, however many and slow they are', async () => {
  const { breaker, call } = setUp()
  for (let n = 0; n < 100; n += 1) await call(2_900, new Answer('23505'))
  expect(breaker.state).toBe('closed')
})

it('does not open for refused connections, because they delay nobody', async () => {
  const { breaker, call } = setUp()
  for (let n = 0; n < 100; n += 1) await call(2, new Error('ECONNREFUSED'))
  expect(breaker.state).toBe('closed')
})

it('probes after the pause, stays open while the probe fails, and closes when it succeeds', async () => {
  const { breaker, changes, call, pauseEnds, recover } = setUp()
  for (let n = 0; n < 3; n += 1) await call(3_000, timeout)
  await pauseEnds()
  expect(breaker.state).toBe('open')
  recover()
  await pauseEnds()
  expect(breaker.state).toBe('closed')
  expect(changes).toEqual(['open', 'half_open', 'open', 'half_open', 'closed'])
})

it('closes when a call that was still under way succeeds', async () => {
  const { breaker, call } = setUp()
  for (let n = 0; n < 3; n += 1) await call(3_000, timeout)
  await call(10)
  expect(breaker.state).toBe('closed')
})
