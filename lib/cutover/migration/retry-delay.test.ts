import { expect, it } from 'vitest'
import { retryTime } from './retry-delay'

const now = new Date('2026-01-01T00:00:00Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000)

it.each([
  [1, 30],
  [2, 60],
  [3, 120],
  [7, 1_920],
  [8, 3_600],
  [40, 3_600],
])('failure %i delays the retry by %i seconds, and by up to a fifth more', (attempts, seconds) => {
  expect(retryTime(attempts, now, () => 0)).toEqual(later(seconds))
  expect(retryTime(attempts, now, () => 1)).toEqual(later(seconds * 1.2))
})
