import { NextRequest } from 'next/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GET as callbackRoute } from '../../../app/(cutover)/auth/callback/route'
import { createBrowser } from '../../../sandbox/auth0/browser.ts'
import { appBaseUrl, callback } from '../../../sandbox/auth0/fixture.ts'
import { appEnvironment, demoPassword } from '../../../sandbox/settings.ts'
import { revocations } from '../../db/schema'
import { closeTestDatabase, openTestDatabase } from '../../db/testing'
import { legacyRoute } from '../../legacy/auth0/routes'
import { readLegacySession } from '../../legacy/auth0/session'
import { findRevocation } from '../../revocation/revocation-list'
import { stytchIssuer, stytchIssuerName } from '../../stytch/issuer'
import { refreshStytchSession } from '../../stytch/session'
import { readCredentials } from '../../token/credentials'
import { carryOver } from '../migration/carry-over'
import { closeQueue } from '../mirror/queue'
import { makeJobsDue, newAddress, setUpTestBed } from '../mirror/testing'
import { drainRevocations } from '../revocation/drain'
import { registry } from '../routing/registry'

Object.assign(appEnvironment, { APP_BASE_URL: appBaseUrl })
const bed = setUpTestBed()
beforeEach(() => bed.db.delete(revocations))
afterEach(async () => {
  vi.useRealTimers()
  await bed.stytch.control('DELETE', 'faults')
})

type Cookies = Record<string, string>
type Browser = ReturnType<typeof createBrowser>

/** Gives a browser these cookies. */
const receive = (browser: Browser, cookies: Cookies): void =>
  browser.remember(
    new Response(null, {
      headers: Object.entries(cookies).map(([name, value]): [string, string] => [
        'set-cookie',
        `${name}=${value}; Path=/`,
      ]),
    }),
  )

/** @param more cookies of the request */
const request = (browser: Browser, url: string, more = '') =>
  new NextRequest(url, {
    headers: { cookie: `${browser.cookieHeader(new URL(url))}; ${more}` },
  })
const cookieText = (token = '') => `stytch_session=${token}`

/** Signs in at Auth0. Without a password, by the session that the browser has there. */
async function signInAtAuth0(browser: Browser, email: string | null, more = '') {
  const start = await legacyRoute(request(browser, `${appBaseUrl}/auth/login?returnTo=/notes`))
  if (start) browser.remember(start)
  let page = await browser.open(start?.headers.get('location') ?? '', callback)
  if (email) page = await browser.submit(page, { email, password: demoPassword }, callback)
  const response = await callbackRoute(request(browser, page.url, more))
  browser.remember(response)
  return response
}

/** A Stytch session, as a browser holds it. With `age`, its JWT was issued that many seconds ago. */
async function stytchCookies(age = 0): Promise<Cookies> {
  const iat = Math.floor(Date.now() / 1_000) - age
  const { body } = await bed.stytch.control('POST', 'session', {
    email: newAddress(),
    minutes: 60,
    claims: { iat, nbf: iat, exp: iat + 300 },
  })
  return { stytch_session: body.session_token, stytch_session_jwt: body.session_jwt }
}

/** Tries a copied session token: refreshes it as the edge does, and checks the list as Node does. */
async function tryCopy({ stytch_session = '' }: Cookies) {
  const copied = { state: 'refreshable', sessionToken: stytch_session, expected: null } as const
  const { reading } = await refreshStytchSession(copied, stytchIssuer())
  if (reading.state !== 'valid') return reading.state === 'none' ? reading.refusal : reading.state
  return findRevocation({ ...reading.session, issuer: stytchIssuerName() })
}

const breakStytch = () =>
  bed.stytch.control('PUT', 'faults', [{ path: '/v1/sessions/revoke', drop: true }])

async function withoutDatabase(work: () => Promise<void>): Promise<void> {
  await closeQueue()
  await closeTestDatabase()
  try {
    await work()
  } finally {
    bed.db = await openTestDatabase()
  }
}

/** The legacy session of a browser. */
async function legacySessionOf(browser: Browser) {
  const { headers } = request(browser, appBaseUrl)
  const reading = await readLegacySession(readCredentials(headers), registry(), new Date())
  if (reading.state !== 'valid') throw new Error(`the session is ${reading.state}`)
  return reading.session
}

describe('a copied Stytch cookie after a sign-in at Auth0 has replaced the session', () => {
  it.each([
    ['', 0],
    [', with an expired JWT', 600],
  ])('is refused and revoked%s', async (_, age) => {
    const cookies = await stytchCookies(age)
    const browser = createBrowser()
    receive(browser, cookies)
    expect(await tryCopy(cookies)).toBeNull()
    const response = await signInAtAuth0(browser, 'grace@example.com')
    expect(response.headers.get('location')).toBe(`${appBaseUrl}/notes`)
    expect(browser.names()).not.toContain('stytch_session')
    expect(browser.names()).not.toContain('stytch_session_jwt')
    expect((await legacySessionOf(browser)).profile?.email).toBe('grace@example.com')
    expect(await tryCopy(cookies)).toBe('session_ended')
    expect(await bed.db.$count(revocations)).toBe(1)
  })

  it('is refused while Stytch does not answer, and a job revokes it later', async () => {
    const cookies = await stytchCookies()
    const browser = createBrowser()
    receive(browser, cookies)
    await breakStytch()
    await signInAtAuth0(browser, 'grace@example.com')
    expect(await tryCopy(cookies)).toBe('session_ended')

    await bed.stytch.control('DELETE', 'faults')
    await bed.db.delete(revocations)
    await makeJobsDue(bed)
    expect(await drainRevocations()).toEqual({ done: 1, failed: 0 })
    const { stytch_session: session_token } = cookies
    await expect(bed.stytch.stytch.sessions.authenticate({ session_token })).rejects.toThrow()
  })

  it('is revoked also without its JWT, and beside a planted one', async () => {
    const alone = await stytchCookies()
    await signInAtAuth0(createBrowser(), 'grace@example.com', cookieText(alone.stytch_session))
    expect(await tryCopy(alone)).toBe('session_ended')

    const doubled = await stytchCookies()
    const planted = `planted-${crypto.randomUUID()}`
    const both = `${cookieText(planted)}; ${cookieText(doubled.stytch_session)}`
    await signInAtAuth0(createBrowser(), 'grace@example.com', both)
    expect(await tryCopy(doubled)).toBe('session_ended')
  })
})

describe('a sign-in at Auth0', () => {
  it('that fails ends no Stytch session (logout CSRF)', async () => {
    const cookies = await stytchCookies()
    const browser = createBrowser()
    receive(browser, cookies)
    for (const query of ['?code=made-up&state=x', '?error=access_denied&state=x', '']) {
      const response = await callbackRoute(request(browser, `${callback}${query}`))
      browser.remember(response)
      expect(response.headers.get('location')).toContain('/login?problem=legacy_sign_in_failed')
    }
    expect(browser.names()).toContain('stytch_session')
    expect(await tryCopy(cookies)).toBeNull()
  })

  it('revokes the replaced session at Stytch while the database is unavailable', async () => {
    const cookies = await stytchCookies()
    const browser = createBrowser()
    receive(browser, cookies)
    await withoutDatabase(async () => {
      const response = await signInAtAuth0(browser, 'grace@example.com')
      expect(response.headers.get('location')).toBe(`${appBaseUrl}/notes`)
    })
    expect(await tryCopy(cookies)).toBe('session_ended')
  })

  it('fails visibly while neither the database nor Stytch ends the replaced session, and changes nothing', async () => {
    const cookies = await stytchCookies()
    const browser = createBrowser()
    receive(browser, cookies)
    await breakStytch()
    await withoutDatabase(async () => {
      const response = await signInAtAuth0(browser, 'grace@example.com')
      expect(response.headers.get('location')).toBe(
        `${appBaseUrl}/login?problem=legacy_sign_in_failed&returnTo=%2Fnotes`,
      )
      expect(response.headers.getSetCookie()).toEqual([])
      const other = createBrowser()
      await signInAtAuth0(other, 'grace@example.com')
      expect(other.names()).toContain('__session')
    })
  })

  it('without a new login there does not lock out a user whose session was carried over', async () => {
    const browser = createBrowser()
    await signInAtAuth0(browser, 'grace@example.com')
    const carry = async () => {
      const session = await legacySessionOf(browser)
      const policy = { version: 1 }
      return carryOver(session, async () => session.accessToken, { now: new Date(), policy })
    }
    const first = await carry()
    if (first.result !== 'migrated') throw new Error(JSON.stringify(first))
    const { sessionToken, sessionJwt } = first.tokens
    const cookies = { stytch_session: sessionToken, stytch_session_jwt: sessionJwt }
    receive(browser, cookies)

    // Auth0 keeps its session, and names it by whole seconds to the app.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2_000 })
    await signInAtAuth0(browser, null)
    expect(await tryCopy(cookies)).toBe('session_ended')
    expect(await carry()).toMatchObject({ result: 'migrated' })
  })
})
