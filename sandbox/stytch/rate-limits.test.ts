import { describe, expect, it } from 'vitest'
import { createRateLimits } from './rate-limits.ts'

const tooMany = expect.objectContaining({ type: 'too_many_requests', status: 429 })

function limitsAt(time: { now: number }, on = true) {
  const limits = createRateLimits(() => time.now)
  limits.switch(on)
  return limits
}

describe('the rate limits', () => {
  it('are off until switched on', () => {
    const limits = limitsAt({ now: 0 }, false)
    for (let i = 0; i < 1000; i += 1) limits.request()
    expect(limits.enabled).toBe(false)
  })

  it('let 65 requests through in a second', () => {
    const time = { now: 1000 }
    const limits = limitsAt(time)
    for (let i = 0; i < 65; i += 1) limits.request()
    expect(() => limits.request()).toThrow(tooMany)
    time.now = 2000
    expect(() => limits.request()).not.toThrow()
  })

  it('let one mail an address through in a second', () => {
    const time = { now: 1000 }
    const limits = limitsAt(time)
    limits.mail('ada@example.com')
    limits.mail('grace@example.com')
    time.now = 1999
    expect(() => limits.mail('ada@example.com')).toThrow(tooMany)
    time.now = 2000
    expect(() => limits.mail('ada@example.com')).not.toThrow()
  })
})
