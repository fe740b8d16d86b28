import { expect, it } from 'vitest'
import { rateLimitEnd } from './rate-limit'

const now = new Date('2026-06-01T12:00:00Z')
const unix = now.getTime() / 1_000

it.each<[Record<string, string>, number | null]>([
  [{ 'retry-after': '7' }, 7],
  [{ 'x-ratelimit-reset': String(unix + 30) }, 30],
  [{ 'retry-after': '7', 'x-ratelimit-reset': String(unix + 30) }, 7],
  [{ 'retry-after': 'Mon, 01 Jun 2026 12:00:07 GMT', 'x-ratelimit-reset': String(unix + 30) }, 30],
  [{ 'x-ratelimit-reset': String(unix - 30) }, 0],
  [{ 'retry-after': '86400' }, 3_600],
  [{ 'retry-after': '1e300' }, 3_600],
  [{ 'retry-after': '-1e300' }, 0],
  [{ 'retry-after': '1e400' }, null],
  [{ 'x-ratelimit-reset': '1e20' }, 3_600],
  [{ 'x-ratelimit-reset': 'soon' }, null],
  [{}, null],
])('%o ends the rate limit after %j seconds', (headers, seconds) => {
  const end = seconds === null ? null : new Date(now.getTime() + seconds * 1_000)
  expect(rateLimitEnd(new Headers(headers), now)).toEqual(end)
})
