import { NextRequest } from 'next/server'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { sealLegacySession } from '../../../sandbox/auth0/sealed-session.ts'
import { appEnvironment, urls } from '../../../sandbox/settings.ts'
import { readCredentials } from '../../token/credentials'
import { createTestIssuers, legacyClaims, sign, type TestIssuers } from '../../token/testing'

const day = 24 * 60 * 60
const seconds = () => Math.floor(Date.now() / 1_000)

let issuers: TestIssuers
beforeAll(async () => {
  issuers = await createTestIssuers()
})

/** The app with these lifetimes. The settings are parsed once, so each app is loaded anew. */
async function app(settings: Record<string, string>) {
  vi.resetModules()
  Object.assign(process.env, appEnvironment, {
    DATABASE_URL: 'postgres://localhost/x',
    AUTH0_SESSION_INACTIVITY_DURATION: '',
    ...settings,
  })
  const { readLegacySession } = await import('./session')
  const { isRenewalDue } = await import('../renewal')
  const { renewedCookies } = await import('./renewal')
  return {
    async read(cookie: string) {
      const headers = new Headers({ cookie })
      const reading = await readLegacySession(
        readCredentials(headers),
        issuers.registry,
        new Date(),
      )
      if (reading.state !== 'valid') throw new Error(String(reading.refusal))
      const { session } = reading
      return {
        session,
        isDue: (after = 0) => isRenewalDue(session, new Date(Date.now() + after * 1_000)),
        async renew() {
          const cookies = await renewedCookies(urls.app, headers)
          return {
            cookies,
            header: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
          }
        },
      }
    },
  }
}

/** A session as the product sealed it at a visit, and the cookie of it. */
async function sessionOfTheProduct({ age, sealedFor }: { age: number; sealedFor: number }) {
  const now = seconds()
  const times = { iat: now - 60, exp: now + 3_600 }
  const sealed = await sealLegacySession(
    {
      user: { sub: 'auth0|ada', email: 'ada@example.com', email_verified: true },
      tokenSet: {
        accessToken: await sign({ ...legacyClaims(), ...times }, issuers.legacyKeys),
        refreshToken: 'the-refresh-token',
        expiresAt: now + 3_600,
      },
      internal: { sid: 'sid-1', createdAt: now - age },
    },
    appEnvironment.AUTH0_SECRET as string,
    now + sealedFor,
  )
  return `__session=${sealed}`
}

describe('a session of a product that used the SDK with its defaults', () => {
  const settings = { AUTH0_SESSION_ABSOLUTE_DURATION: String(10 * day) }

  it('does not end a day after the deployment: its cookie is sealed until the end of the session', async () => {
    const { read } = await app(settings)
    const before = await read(await sessionOfTheProduct({ age: 2 * day, sealedFor: day }))
    expect(before.isDue()).toBe(true)
    const { cookies, header } = await before.renew()
    expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'lax', path: '/' })
    expect(cookies[0]?.maxAge).toBeGreaterThan(8 * day - 60)
    const after = await read(header)
    expect(after.session.sealedUntil).toEqual(before.session.expiresAt)
    expect(after.session).toEqual({ ...before.session, sealedUntil: after.session.sealedUntil })
    expect(after.isDue()).toBe(false)
    expect(after.isDue(3 * day)).toBe(false)
  })

  it('keeps its refresh token', async () => {
    const { read } = await app(settings)
    const { header } = await (
      await read(await sessionOfTheProduct({ age: day, sealedFor: day }))
    ).renew()
    const { auth0 } = await import('./auth0')
    const session = await auth0().getSession(
      new NextRequest(urls.app, { headers: { cookie: header } }),
    )
    expect(session?.tokenSet.refreshToken).toBe('the-refresh-token')
  })
})

describe('a session of a product with an inactivity limit of a day', () => {
  const settings = {
    AUTH0_SESSION_ABSOLUTE_DURATION: String(10 * day),
    AUTH0_SESSION_INACTIVITY_DURATION: String(day),
  }

  it('is renewed for another day by a visit, once an hour at most', async () => {
    const { read } = await app(settings)
    const before = await read(await sessionOfTheProduct({ age: day, sealedFor: day / 2 }))
    expect(before.isDue()).toBe(true)
    const { cookies, header } = await before.renew()
    expect(cookies[0]?.maxAge).toBe(day)
    const after = await read(header)
    expect(after.isDue(59 * 60)).toBe(false)
    expect(after.isDue(61 * 60)).toBe(true)
  })

  it('ends without a visit', async () => {
    const { read } = await app(settings)
    const cookie = await sessionOfTheProduct({ age: day, sealedFor: -60 })
    await expect(read(cookie)).rejects.toThrow('null')
  })

  it('is not renewed beyond its absolute end', async () => {
    const { read } = await app(settings)
    const before = await read(await sessionOfTheProduct({ age: 10 * day - 7_200, sealedFor: 60 }))
    const { cookies } = await before.renew()
    expect(cookies[0]?.maxAge).toBeLessThanOrEqual(7_200)
  })
})
