import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { beforeAll, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { readCredentials } from '../../token/credentials'
import {
  createTestIssuers,
  legacyClaims,
  now,
  nowSeconds,
  sign,
  type TestIssuers,
} from '../../token/testing'
import { readLegacySession } from './session'

const day = 24 * 60 * 60

let issuers: TestIssuers
beforeAll(async () => {
  // The settings are parsed once, so this lifetime has a file of its own.
  Object.assign(process.env, appEnvironment, {
    AUTH0_SESSION_ABSOLUTE_DURATION: String(30 * day),
  })
  issuers = await createTestIssuers()
})

async function readSessionOfAge(seconds: number) {
  const cookie = await generateSessionCookie(
    {
      user: { sub: 'auth0|ada', email: 'ada@example.com', email_verified: true, name: 'Ada' },
      tokenSet: {
        accessToken: await sign(legacyClaims(), issuers.legacyKeys),
        expiresAt: nowSeconds + 60,
      },
      internal: { sid: 'sid-1', createdAt: nowSeconds - seconds },
    },
    { secret: appEnvironment.AUTH0_SECRET as string },
  )
  const headers = new Headers({ cookie: `__session=${cookie}` })
  return readLegacySession(readCredentials(headers), issuers.registry, now)
}

it('keeps a session of ten days in a product whose sessions last thirty', async () => {
  expect(await readSessionOfAge(10 * day)).toMatchObject({
    state: 'valid',
    session: { expiresAt: new Date((nowSeconds + 20 * day) * 1_000) },
  })
})

it('ends a session after thirty days', async () => {
  expect(await readSessionOfAge(30 * day)).toEqual({ state: 'none', refusal: 'session_ended' })
})
