import { afterAll, describe, expect, it } from 'vitest'
import { startForTests } from './fixture.ts'
import { createRateLimits } from './rate-limits.ts'

const standIn = await startForTests()
afterAll(standIn.close)

const tooMany = expect.objectContaining({ type: 'too_many_requests', status: 429 })

function limitsAt(time: { now: number }, on = true) {
  const limits = createRateLimits(() => time.now)
  limits.switch(on)
  return limits
}

describe('the rate limits', () => {
  it('are off until a test switches them on', () => {
    const limits = limitsAt({ now: 0 }, false)
    for (let i = 0; i < 1000; i += 1) limits.request()
    expect(limits.enabled).toBe(false)
  })

  it('allow 65 requests in a second', () => {
    const time = { now: 1000 }
    const limits = limitsAt(time)
    for (let i = 0; i < 65; i += 1) limits.request()
    expect(() => limits.request()).toThrow(tooMany)
    time.now = 2000
    expect(() => limits.request()).not.toThrow()
  })

  it('allow one mail to an address in a second', () => {
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

describe('the rate limits of a stand-in', () => {
  it('refuse a second mail in the same second, until a reset', async () => {
    await standIn.control('PUT', 'rate-limits', { enabled: true })
    const send = () => standIn.stytch.magicLinks.email.loginOrCreate({ email: 'ada@example.com' })
    // Three short calls fall into at most two seconds.
    const results = await Promise.allSettled([send(), send(), send()])
    const refused = results.filter(({ status }) => status === 'rejected')
    expect(refused[0]).toMatchObject({
      reason: { status_code: 429, error_type: 'too_many_requests' },
    })
    await standIn.control('POST', 'reset')
    await Promise.all([send(), send(), send()])
  })
})
