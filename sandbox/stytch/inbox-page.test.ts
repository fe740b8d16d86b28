import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startForTests } from './fixture.ts'

const standIn = await startForTests()
const { stytch, control, url } = standIn
beforeEach(() => control('POST', 'reset'))
afterAll(standIn.close)

const ada = 'ada@example.com'

describe('the inbox page', () => {
  const page = async (path = '/') => (await fetch(`${url}${path}`)).text()

  it('says what it is, and what will appear there', async () => {
    expect(await page()).toMatch(/Local stand-in[\s\S]*Nothing here yet/)
    expect(await page('/inbox')).toContain('Nothing here yet')
  })

  it('shows codes and links, newest first, and refuses an HTML injection in an address', async () => {
    await stytch.otps.email.loginOrCreate({ email: '"<b>"@example.com' })
    await stytch.magicLinks.email.loginOrCreate({ email: ada })
    const text = await page()
    expect(text).toContain('&lt;b&gt;')
    expect(text).not.toContain('<b>"@')
    expect(text.indexOf('Your sign-in link')).toBeLessThan(text.indexOf('Your sign-in code'))
    expect(text).toContain((await control('GET', 'inbox')).body[0].code)
    expect(text).not.toMatch(/(src|href)="https?:\/\/(?!localhost)/)
  })

  it('is not logged', async () => {
    await page()
    expect((await control('GET', 'requests')).body).toEqual([])
  })
})
