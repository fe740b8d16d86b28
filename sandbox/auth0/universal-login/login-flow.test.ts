import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { demoPassword, demoUsers } from '../../settings.ts'
import { createBrowser } from '../browser.ts'
import {
  appBaseUrl,
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

const open = async (parameters?: Record<string, string>) => {
  const browser = createBrowser()
  return { browser, page: await browser.open(authorization(standIn, parameters).url, callback) }
}

async function blockUser(email: string, blocked = true) {
  const subject = demoUsers.find((user) => user.email === email)?.subject ?? ''
  await managementClient(standIn).users.update(subject, { blocked })
}

describe('the login page', () => {
  it('says that it is a stand-in, loads nothing and lists the demo users', async () => {
    const { page } = await open()
    expect(page.html).toContain('<html lang="en">')
    expect(page.html).toContain('stand-in for Auth0')
    for (const { email } of demoUsers) expect(page.html).toContain(email)
    expect(page.html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    const response = await fetch(page.url)
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    // Chromium would apply it to the redirects after the form, which end at the app.
    expect(response.headers.get('content-security-policy')).not.toContain('form-action')
  })

  it('refuses an HTML injection in the login_hint, which it fills in', async () => {
    const { page } = await open({ login_hint: '"><b>@example.com' })
    expect(page.html).not.toContain('<b>')
    expect(page.html).toContain('value="&#34;&#62;&#60;b&#62;@example.com"')
  })

  it.each([
    ['a wrong password', 'ada@example.com', 'not-her-password'],
    ['an unknown address', 'nobody@example.com', demoPassword],
    ['no password', 'ada@example.com', ''],
  ])(
    'opens again after %s, with the address and without the password',
    async (_, email, password) => {
      const { page } = await logIn(standIn, email, { password })
      expect(page.status).toBe(400)
      expect(page.html).toContain('role="alert">Wrong email or password<')
      expect(page.html).toContain(`value="${email}"`)
      expect(page.html).not.toContain('not-her-password')
    },
  )

  it('accepts the address in any letter case', async () => {
    expect((await logIn(standIn, ' Ada@Example.com ')).code).not.toBe('')
  })

  it('accepts a user with an address that is not verified', async () => {
    expect((await logIn(standIn, 'alan@example.com')).code).not.toBe('')
  })

  it('refuses a blocked user, and redirects to the app with an error', async () => {
    await blockUser('grace@example.com')
    const { error, code } = await logIn(standIn, 'grace@example.com')
    expect(error).toBe('user is blocked')
    expect(code).toBe('')
    expect((await logIn(standIn, 'grace@example.com', { password: 'wrong' })).page.status).toBe(400)
    await blockUser('grace@example.com', false)
    expect((await logIn(standIn, 'grace@example.com')).code).not.toBe('')
  })

  it('refuses a browser that did not start the login', async () => {
    const { page } = await open()
    const stranger = await createBrowser().open(page.url)
    expect(stranger.status).toBe(400)
    expect(stranger.html).toContain('expired')
    const posted = await createBrowser().submit(page, {
      email: 'ada@example.com',
      password: demoPassword,
    })
    expect(posted.status).toBe(400)
  })

  it('works for two concurrent logins in one browser', async () => {
    const browser = createBrowser()
    const first = await browser.open(authorization(standIn, { state: 'first' }).url, callback)
    const second = await browser.open(authorization(standIn, { state: 'second' }).url, callback)
    const fields = { email: 'ada@example.com', password: demoPassword }
    const done = await browser.submit(second, fields, callback)
    expect(new URL(done.url).searchParams.get('state')).toBe('second')
    const other = await browser.submit(first, fields, callback)
    expect(new URL(other.url).searchParams.get('state')).toBe('first')
  })
})

describe('an open browser session', () => {
  it('logs in without a page, unless prompt=login', async () => {
    const { browser } = await logIn(standIn, 'ada@example.com')
    const silent = await browser.open(authorization(standIn, { prompt: 'none' }).url, callback)
    expect(silent.url).toContain('code=')
    const asked = await browser.open(authorization(standIn, { prompt: 'login' }).url, callback)
    expect(asked.html).toContain('<form')
  })

  it('is required for prompt=none, which fails with login_required without it', async () => {
    const { page } = await open({ prompt: 'none' })
    expect(new URL(page.url).searchParams.get('error')).toBe('login_required')
  })

  it('ends when the user is blocked', async () => {
    const { browser } = await logIn(standIn, 'ada@example.com')
    await blockUser('ada@example.com')
    const page = await browser.open(authorization(standIn).url, callback)
    expect(page.html).toContain('<form')
  })
})

describe('signing up', () => {
  it('starts at the sign-up page, logs in and mails a link to verify the address', async () => {
    const { browser, page } = await open({ screen_hint: 'signup' })
    expect(page.html).toContain('<h1>Sign up</h1>')
    const fields = { email: 'New@example.com', password: 'a-new-password' }
    const done = await browser.submit(page, fields, callback)
    expect(done.url).toContain('code=')
    expect((await logIn(standIn, 'new@example.com', fields)).code).not.toBe('')

    const verified = await browser.open(await lastLink(standIn, 'verify-email'))
    expect(verified.html).toContain('Email verified')
    const { body } = await standIn.control('POST', 'token', { email: 'new@example.com' })
    const userinfo = await standIn.userinfo(body.access_token)
    expect(await userinfo.json()).toMatchObject({ email: 'new@example.com', email_verified: true })
  })

  it('is linked from the login page and back', async () => {
    const { browser, page } = await open()
    const signup = /href="([^"]+\/signup)"/.exec(page.html)?.[1] ?? ''
    const next = await browser.open(new URL(signup, page.url).href)
    expect(next.html).toContain('<h1>Sign up</h1>')
    expect(next.html).toMatch(/href="[^"]+\/login"/)
  })

  it.each([
    ['an address that has an account', 'ada@example.com', 'a-new-password', 'already has', 'email'],
    ['a short password', 'new@example.com', 'short', 'too weak', 'password'],
    ['a malformed address', 'new', 'a-new-password', 'valid email', 'email'],
  ])('refuses %s, and marks the invalid field', async (_, email, password, words, field) => {
    const { browser, page } = await open({ screen_hint: 'signup' })
    const again = await browser.submit(page, { email, password }, callback)
    expect(again.status).toBe(400)
    expect(/role="alert">([^<]*)</.exec(again.html)?.[1]).toContain(words)
    const invalid = again.html.match(/<input [^>]*aria-invalid[^>]*>/g)
    expect(invalid).toEqual([expect.stringContaining(`name="${field}"`)])
  })

  it('refuses a password that is too weak for the policy, and shows the rule', async () => {
    await standIn.control('PUT', 'tenant', { passwordPolicy: 'good' })
    const { browser, page } = await open({ screen_hint: 'signup' })
    expect(page.html).toContain('3 of these')
    const email = 'new@example.com'
    const again = await browser.submit(page, { email, password: 'a-new-password' }, callback)
    expect(again.status).toBe(400)
    expect(again.html).toContain('too weak')
    const done = await browser.submit(again, { email, password: 'a-new-passw0rd' }, callback)
    expect(done.url).toContain('code=')
  })
})

it('redirects only to the app', async () => {
  const { page } = await logIn(standIn, 'ada@example.com')
  expect(new URL(page.url).origin).toBe(appBaseUrl)
  expect(new URL(page.url).searchParams.get('state')).toBe('some-state')
})
