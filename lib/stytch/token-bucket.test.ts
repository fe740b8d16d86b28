import { expect, it } from 'vitest'
import { createTokenBucket } from './token-bucket'

function bucketAt(start: number) {
  let now = start
  const bucket = createTokenBucket({ capacity: 10, perSecond: 5 }, () => now)
  return {
    /** The number of calls that pass, of a hundred at once. */
    burst: () => Array.from({ length: 100 }, () => bucket.take()).filter(Boolean).length,
    wait: (milliseconds: number) => {
      now += milliseconds
    },
  }
}

it('lets its capacity through at once, and then its rate', () => {
  const { burst, wait } = bucketAt(1_000_000)
  expect(burst()).toBe(10)
  expect(burst()).toBe(0)
  wait(1_000)
  expect(burst()).toBe(5)
  wait(60_000)
  expect(burst()).toBe(10)
})

it('adds nothing when the clock is set back', () => {
  const { burst, wait } = bucketAt(1_000_000)
  burst()
  wait(-500_000)
  expect(burst()).toBe(0)
  wait(1_000)
  expect(burst()).toBe(5)
})
