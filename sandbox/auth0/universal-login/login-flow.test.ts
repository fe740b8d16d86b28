import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { demoPassword, demoUsers } from '../../settings.ts'
import { createBrowser } from '../browser.ts'
import {
  appBaseUrl,
  authorization,
  callback,
  logIn,
  type StandIn,
  startForTests,
} from '../fixture.ts'

let standIn: StandIn
beforeAll(async () => {
  standIn = await startForTests()
})
afterEach(async () => {
  await standIn.control('POST', 'reset')
})
afterAll(() => standIn.close())

const open = async (parameters?: Record<string, string>) => {
  const browser = createBrowser()
  return { browser, page: await browser.open(authorization(standIn, parameters).url, callback) }
}

const lastLink = async (kind: string): Promise<string> => {
  const { body } = await standIn.control('GET', 'inbox')
  expect(body.at(-1)).toMatchObject({ kind })
  return body.at(-1).link
}

/** A Management API call, for the tests that need a user in a certain state. */
async function patchUser(email: string, changes: object) {
  const { body } = await standIn.machineToken()
  const subject = demoUsers.find((user) => user.email === email)?.subject ?? ''
  const response = await fetch(`${standIn.url}/api/v2/users/${encodeURIComponent(subject)}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${body.access_token}` },
    body: JSON.stringify(changes),
  })
  expect(response.status).toBe(200)
}

describe('the login page', () => {
  it('says that it is a stand-in, loads nothing and names the demo users', async () => {
    const { page } = await open()
    expect(page.html).toContain('<html lang="en">')
    expect(page.html).toContain('stand-in for Auth0')
    for (const { email } of demoUsers) expect(page.html).toContain(email)
    expect(page.html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    const response = await fetch(page.url)
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    // Chromium would apply it to the redirects behind the form, which end at the app.
    expect(response.headers.get('content-security-policy')).not.toContain('form-action')
  })

  it('fills in the login_hint, escaped', async () => {
    const { page } = await open({ login_hint: '"><b>@example.com' })
    expect(page.html).not.toContain('<b>')
    expect(page.html).toContain('value="&#34;&#62;&#60;b&#62;@example.com"')
  })

  it.each([
    ['a wrong password', 'ada@example.com', 'not-her-password'],
    ['an unknown address', 'nobody@example.com', demoPassword],
    ['no password', 'ada@example.com', ''],
  ])(
    'comes again after %s, with the address and without the password',
    async (_, email, password) => {
      const { page } = await logIn(standIn, email, { password })
      expect(page.status).toBe(400)
      expect(page.html).toContain('role="alert">Wrong email or password<')
      expect(page.html).toContain(`value="${email}"`)
      expect(page.html).not.toContain('not-her-password')
    },
  )

  it('takes the address in any case', async () => {
    expect((await logIn(standIn, ' Ada@Example.com ')).code).not.toBe('')
  })

  it('lets a user in whose address is not verified', async () => {
    expect((await logIn(standIn, 'alan@example.com')).code).not.toBe('')
  })

  it('refuses a blocked user, and tells the app', async () => {
    await patchUser('grace@example.com', { blocked: true })
    const { error, code } = await logIn(standIn, 'grace@example.com')
    expect(error).toBe('user is blocked')
    expect(code).toBe('')
    expect((await logIn(standIn, 'grace@example.com', { password: 'wrong' })).page.status).toBe(400)
    await patchUser('grace@example.com', { blocked: false })
    expect((await logIn(standIn, 'grace@example.com')).code).not.toBe('')
  })

  it('is of no use to a browser that did not start the login', async () => {
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

  it('works for two logins side by side in one browser', async () => {
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
  it('logs in without asking, unless prompt=login', async () => {
    const { browser } = await logIn(standIn, 'ada@example.com')
    const silent = await browser.open(authorization(standIn, { prompt: 'none' }).url, callback)
    expect(silent.url).toContain('code=')
    const asked = await browser.open(authorization(standIn, { prompt: 'login' }).url, callback)
    expect(asked.html).toContain('<form')
  })

  it('is missed by prompt=none with login_required', async () => {
    const { page } = await open({ prompt: 'none' })
    expect(new URL(page.url).searchParams.get('error')).toBe('login_required')
  })

  it('ends with a block', async () => {
    const { browser } = await logIn(standIn, 'ada@example.com')
    await patchUser('ada@example.com', { blocked: true })
    const page = await browser.open(authorization(standIn).url, callback)
    expect(page.html).toContain('<form')
  })
})

describe('signing up', () => {
  it('starts at the sign-up page, logs in and sends a mail to verify the address', async () => {
    const { browser, page } = await open({ screen_hint: 'signup' })
    expect(page.html).toContain('<h1>Sign up</h1>')
    const fields = { email: 'New@example.com', password: 'a-new-password' }
    const done = await browser.submit(page, fields, callback)
    expect(done.url).toContain('code=')
    expect((await logIn(standIn, 'new@example.com', fields)).code).not.toBe('')

    const verified = await browser.open(await lastLink('verify-email'))
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
    ['an address that has an account', 'ada@example.com', 'a-new-password', 'already has'],
    ['a short password', 'new@example.com', 'short', 'too weak'],
    ['something that is no address', 'new', 'a-new-password', 'valid email'],
  ])('refuses %s', async (_, email, password, words) => {
    const { browser, page } = await open({ screen_hint: 'signup' })
    const again = await browser.submit(page, { email, password }, callback)
    expect(again.status).toBe(400)
    expect(/role="alert">([^<]*)</.exec(again.html)?.[1]).toContain(words)
  })

  it('refuses a password that the policy of the tenant does not allow, and says what it allows', async () => {
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

describe('setting a password', () => {
  it('goes by the link that "Forgot password?" mails, once', async () => {
    const { browser, page } = await open()
    const forgot = `${new URL(page.url).pathname}/forgot-password`
    const form = await browser.open(new URL(forgot, page.url).href)
    const sent = await browser.submit(form, { email: 'ada@example.com' })
    expect(sent.html).toContain('Check your email')

    const link = await lastLink('set-password')
    const again = await browser.submit(await browser.open(link), { password: 'short' })
    expect(again.status).toBe(400)
    const done = await browser.submit(again, { password: 'another-password' })
    expect(done.html).toContain('Password changed')
    expect((await browser.open(link)).status).toBe(400)
    expect((await logIn(standIn, 'ada@example.com')).page.status).toBe(400)
    const login = await logIn(standIn, 'ada@example.com', { password: 'another-password' })
    expect(login.code).not.toBe('')
  })

  it('ends the sessions and refresh tokens of before', async () => {
    const { browser, code, verifier } = await logIn(standIn, 'ada@example.com')
    const { body } = await standIn.exchange(code, verifier)
    await patchUser('ada@example.com', { password: 'another-password' })
    expect((await standIn.refresh(body.refresh_token)).status).toBe(403)
    const page = await browser.open(authorization(standIn).url, callback)
    expect(page.html).toContain('<form')
  })

  it('answers the same for an address without an account, and mails nothing', async () => {
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
    expect(await lastLink('set-password')).toContain(standIn.url)
  })

  it('is refused when the link has expired', async () => {
    await standIn.form('/dbconnections/change_password', {
      email: 'ada@example.com',
      connection: 'Username-Password-Authentication',
    })
    const link = await lastLink('set-password')
    await standIn.control('PUT', 'clock', { offsetSeconds: 5 * 86_400 + 1 })
    expect((await createBrowser().open(link)).status).toBe(400)
  })
})

it('sends the browser back to nothing but the app', async () => {
  const { page } = await logIn(standIn, 'ada@example.com')
  expect(new URL(page.url).origin).toBe(appBaseUrl)
  expect(new URL(page.url).searchParams.get('state')).toBe('some-state')
})
