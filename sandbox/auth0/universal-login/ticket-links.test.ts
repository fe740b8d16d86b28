import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createBrowser } from '../browser.ts'
import {
  authorization,
  callback,
  lastLink,
  logIn,
  managementClient,
  startForTests,
} from '../fixture.ts'

const standIn = await startForTests()
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const ada = 'auth0|6501a0000000000000000001'

describe('setting a password', () => {
  it('works once with the link that "Forgot password?" mails', async () => {
    const browser = createBrowser()
    const page = await browser.open(authorization(standIn).url, callback)
    const forgot = `${new URL(page.url).pathname}/forgot-password`
    const form = await browser.open(new URL(forgot, page.url).href)
    const sent = await browser.submit(form, { email: 'ada@example.com' })
    expect(sent.html).toContain('Check your email')

    const link = await lastLink(standIn, 'set-password')
    const again = await browser.submit(await browser.open(link), { password: 'short' })
    expect(again.status).toBe(400)
    const done = await browser.submit(again, { password: 'another-password' })
    expect(done.html).toContain('Password changed')
    expect((await browser.open(link)).status).toBe(400)
    expect((await logIn(standIn, 'ada@example.com')).page.status).toBe(400)
    const login = await logIn(standIn, 'ada@example.com', { password: 'another-password' })
    expect(login.code).not.toBe('')
  })

  it('ends the sessions and refresh tokens of the user', async () => {
    const { browser, code, verifier } = await logIn(standIn, 'ada@example.com')
    const { body } = await standIn.exchange(code, verifier)
    await managementClient(standIn).users.update(ada, { password: 'another-password' })
    expect((await standIn.refresh(body.refresh_token)).status).toBe(403)
    const page = await browser.open(authorization(standIn).url, callback)
    expect(page.html).toContain('<form')
  })

  it('answers the same for an address without an account, and sends no mail', async () => {
    const ask = async (email: string) => {
      const response = await fetch(`${standIn.url}/dbconnections/change_password`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, connection: 'Username-Password-Authentication' }),
      })
      return `${response.status} ${await response.text()}`
    }
    const answer = await ask('nobody@example.com')
    expect((await standIn.control('GET', 'inbox')).body).toEqual([])
    expect(await ask('ada@example.com')).toBe(answer)
    expect(await lastLink(standIn, 'set-password')).toContain(standIn.url)
  })

  it('is refused with an expired link', async () => {
    await standIn.form('/dbconnections/change_password', {
      email: 'ada@example.com',
      connection: 'Username-Password-Authentication',
    })
    const link = await lastLink(standIn, 'set-password')
    await standIn.control('PUT', 'clock', { offsetSeconds: 5 * 86_400 + 1 })
    expect((await createBrowser().open(link)).status).toBe(400)
  })
})
