import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { beforeAll, describe, expect, it } from 'vitest'
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

let issuers: TestIssuers
beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  issuers = await createTestIssuers()
})

/** A session as the SDK seals it. */
async function sealedSession(user: string, secret = appEnvironment.AUTH0_SECRET as string) {
  const sub = `auth0|${user}`
  return generateSessionCookie(
    {
      user: { sub, email: `${user}@example.com`, email_verified: true },
      tokenSet: {
        accessToken: await sign({ ...legacyClaims(), sub }, issuers.legacyKeys),
        expiresAt: nowSeconds + 60,
      },
      internal: { sid: `sid-${user}`, createdAt: nowSeconds - 60 },
    },
    { secret },
  )
}

const read = (...pairs: [name: string, value: string][]) => {
  const cookie = pairs.map(([name, value]) => `${name}=${value}`).join('; ')
  return readLegacySession(readCredentials(new Headers({ cookie })), issuers.registry, now)
}
/** A session in two chunks, as the SDK splits a long one. */
const chunksOf = (sealed: string): [string, string][] => [
  ['__session__0', sealed.slice(0, 300)],
  ['__session__1', sealed.slice(300)],
]
const isAda = { state: 'valid', session: { subject: 'auth0|ada' } }
const refused = { state: 'none', refusal: 'duplicate_cookie' }

describe('a cookie that a sibling subdomain planted beside the legacy session', () => {
  it('does not lock the user out when this app did not seal it, in either order', async () => {
    const ada = await sealedSession('ada')
    for (const planted of ['planted', '', await sealedSession('ada', 'x'.repeat(64))]) {
      expect(await read(['__session', ada], ['__session', planted])).toMatchObject(isAda)
      expect(await read(['__session', planted], ['__session', ada])).toMatchObject(isAda)
    }
  })

  it('does not lock the user out when it is a whole cookie beside chunks, or a chunk beside a whole one', async () => {
    const ada = await sealedSession('ada')
    expect(await read(['__session', 'planted'], ...chunksOf(ada))).toMatchObject(isAda)
    expect(await read(['__session', ada], ['__session__0', 'planted'])).toMatchObject(isAda)
  })

  it('does not lock the user out when it is a chunk twice, or one chunk more', async () => {
    const ada = chunksOf(await sealedSession('ada'))
    expect(await read(...ada, ['__session__1', 'planted'])).toMatchObject(isAda)
    expect(await read(...ada, ['__session__0', 'x'], ['__session__1', 'y'])).toMatchObject(isAda)
    expect(await read(...ada, ['__session__2', 'planted'])).toMatchObject(isAda)
    expect(await read(['__session__9', 'planted'], ...ada)).toMatchObject(isAda)
  })

  it('does not sign the user in to the account of the attacker: with two genuine sessions, both are refused', async () => {
    const [ada, mallory] = [await sealedSession('ada'), await sealedSession('mallory')]
    expect(await read(['__session', ada], ['__session', mallory])).toEqual(refused)
    expect(await read(['__session', mallory], ['__session', ada])).toEqual(refused)
    expect(await read(...chunksOf(ada), ...chunksOf(mallory))).toEqual(refused)
    expect(await read(['__session', mallory], ...chunksOf(ada))).toEqual(refused)
  })

  it('cannot make the app open more than four sessions', async () => {
    const planted = Array.from({ length: 4 }, (): [string, string] => ['__session', 'planted'])
    expect(await read(['__session', await sealedSession('ada')], ...planted)).toEqual(refused)
  })

  it('is refused when none of them is genuine', async () => {
    expect(await read(['__session', 'one'], ['__session', 'two'])).toEqual(refused)
  })
})
