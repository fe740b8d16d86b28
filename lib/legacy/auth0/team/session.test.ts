import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment, auth0Tenant } from '../../../../sandbox/settings.ts'
import { readCredentials } from '../../../token/credentials'
import {
  createTestIssuers,
  legacyClaims,
  now,
  nowSeconds,
  sign,
  type TestIssuers,
} from '../../../token/testing'
import { expireLegacyCookies } from '../../cookies'
import { readLegacySession } from '../session'
import { expireTeamLegacyCookies } from './cookies'
import { readTeamLegacySession } from './session'

let issuers: TestIssuers
beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  issuers = await createTestIssuers()
})

const acme = { org_id: 'org_acme000000000001', org_name: 'acme' }
const isAcme = { state: 'valid', session: { organization: { id: acme.org_id, name: 'acme' } } }
const missing = { state: 'none', refusal: 'organization_missing' }

const tokenWith = (claims: object = acme) =>
  sign({ ...legacyClaims(), ...claims }, issuers.legacyKeys)

/** A session as the SDK seals it. */
const sealed = (
  accessToken: string,
  user: object = {},
  secret = appEnvironment.AUTH0_TEAM_SECRET,
) =>
  generateSessionCookie(
    {
      user: { sub: 'auth0|ada', email: 'ada@example.com', email_verified: true, ...user },
      tokenSet: { accessToken, expiresAt: nowSeconds + 60 },
      internal: { sid: 'sid-1', createdAt: nowSeconds - 60 },
    },
    { secret: secret as string },
  )

const read = (headers: Record<string, string>, reader = readTeamLegacySession) =>
  reader(readCredentials(new Headers(headers)), issuers.registry, now)
const readCookie = (value: string) => read({ cookie: `__team_session=${value}` })
const readBearer = (token: string) => read({ authorization: `Bearer ${token}` })

describe('readTeamLegacySession, for a sealed session,', () => {
  it('takes the organization of the verified access token', async () => {
    const token = await tokenWith()
    expect(await readCookie(await sealed(token))).toMatchObject({
      ...isAcme,
      session: { ...isAcme.session, subject: 'auth0|ada', tokenState: 'live', isFirstParty: true },
    })
    const withoutName = await tokenWith({ org_id: acme.org_id })
    expect(await readCookie(await sealed(withoutName))).toMatchObject({
      session: { organization: { id: acme.org_id, name: null } },
    })
  })

  it('takes the organization of an expired token, which can be refreshed', async () => {
    const token = await tokenWith({ ...acme, iat: nowSeconds - 600, exp: nowSeconds - 1 })
    expect(await readCookie(await sealed(token))).toMatchObject({
      ...isAcme,
      session: { ...isAcme.session, tokenState: 'expired' },
    })
  })

  it('takes the organization of the seal where the token is opaque or cannot be verified', async () => {
    expect(await readCookie(await sealed('kFvXhWj3Q0mZb2yR9c1tA7', acme))).toMatchObject({
      ...isAcme,
      session: { ...isAcme.session, tokenState: 'opaque' },
    })
    const unusable = await tokenWith({ ...acme, aud: 'https://x.example' })
    expect(await readCookie(await sealed(unusable))).toEqual(missing)
    expect(await readCookie(await sealed(unusable, acme))).toMatchObject(isAcme)
  })

  it('takes the organization of the token, and not another one of the seal', async () => {
    const seal = await sealed(await tokenWith(), { org_id: 'org_globex0000000001' })
    expect(await readCookie(seal)).toMatchObject(isAcme)
  })

  it('refuses a token without an organization, also if the seal has one', async () => {
    expect(await readCookie(await sealed(await tokenWith({})))).toEqual(missing)
    expect(await readCookie(await sealed(await tokenWith({}), acme))).toEqual(missing)
  })

  it.each([[''], [1], [null], [['org_a']], ['org_\0'], ['o'.repeat(129)]])(
    'refuses the organization %j',
    async (org_id) => {
      expect(await readCookie(await sealed(await tokenWith({ org_id })))).toEqual(missing)
    },
  )

  it('opens a session in chunks, beside a planted whole cookie', async () => {
    const seal = await sealed(await tokenWith())
    const cookie = [
      '__team_session=planted',
      `__team_session__0=${seal.slice(0, 300)}`,
      `__team_session__1=${seal.slice(300)}`,
    ].join('; ')
    expect(await read({ cookie })).toMatchObject(isAcme)
  })

  it('refuses a token that an attacker signed', async () => {
    const token = await sign({ ...legacyClaims(), ...acme }, issuers.unpublishedKeys)
    expect(await readCookie(await sealed(token))).toEqual({
      state: 'none',
      refusal: 'signature_invalid',
    })
  })
})

describe('the session of a person and that of a team', () => {
  it("refuses a person's cookie under the name of the team's, and the reverse", async () => {
    const person = await sealed(await tokenWith(), acme, appEnvironment.AUTH0_SECRET)
    const team = await sealed(await tokenWith(), acme)
    const nothing = { state: 'none', refusal: null }
    expect(await readCookie(person)).toEqual(nothing)
    expect(await read({ cookie: `__session=${team}` }, readLegacySession as never)).toEqual(nothing)
  })

  it('are read side by side', async () => {
    const person = await sealed(
      await sign({ ...legacyClaims(), sub: 'auth0|grace' }, issuers.legacyKeys),
      { sub: 'auth0|grace' },
      appEnvironment.AUTH0_SECRET,
    )
    const team = await sealed(await tokenWith())
    const cookie = `__session=${person}; __team_session=${team}`
    expect(await read({ cookie })).toMatchObject({ session: { subject: 'auth0|ada' } })
    expect(await read({ cookie }, readLegacySession as never)).toMatchObject({
      session: { subject: 'auth0|grace' },
    })
  })

  it('end one without the other', () => {
    const names = ['__session', '__session__0', '__txn_a', '__FC_0', '__team_session']
    const all = [...names, '__team_session__1', '__team_txn_b', 'stytch_session', '__team_sessions']
    const expired = (expire: typeof expireLegacyCookies) => {
      const gone: string[] = []
      expire({ getAll: () => all.map((name) => ({ name })), set: (name) => gone.push(name) })
      return gone
    }
    expect(expired(expireLegacyCookies)).toEqual(names.slice(0, 4))
    expect(expired(expireTeamLegacyCookies)).toEqual([
      '__team_session',
      '__team_session__1',
      '__team_txn_b',
    ])
  })
})

describe('readTeamLegacySession, for a Bearer token,', () => {
  it('accepts one with an organization', async () => {
    const azp = auth0Tenant.team.clientId
    expect(await readBearer(await tokenWith({ ...acme, azp }))).toMatchObject({
      ...isAcme,
      session: { ...isAcme.session, isFirstParty: true, idToken: null },
    })
  })

  it("does not count another company's client, or the login of a person, as the product", async () => {
    for (const azp of ['other-company', auth0Tenant.web.clientId]) {
      expect(await readBearer(await tokenWith({ ...acme, azp }))).toMatchObject({
        session: { isFirstParty: false },
      })
    }
    const azp = auth0Tenant.team.clientId
    const headers = { authorization: `Bearer ${await tokenWith({ ...acme, azp })}` }
    expect(await read(headers, readLegacySession as never)).toMatchObject({
      session: { isFirstParty: false },
    })
  })

  it('refuses one without an organization', async () => {
    expect(await readBearer(await tokenWith({}))).toEqual(missing)
  })
})
