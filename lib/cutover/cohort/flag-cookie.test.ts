import { beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings'
import { readCredentials } from '../../token/credentials'
import { flagCookie, flagOf, openFlag } from './flag-cookie'

beforeAll(() => {
  Object.assign(process.env, appEnvironment)
})

const flag = {
  visitorId: crypto.randomUUID(),
  flow: 'stytch' as const,
  pin: null,
  organization: 'acme',
  isNewSignUp: true,
  keptOnLegacy: null,
}

it('opens to the flag that was sealed, from the cache too', async () => {
  const { value } = await flagCookie(flag)
  expect(await openFlag(value)).toEqual(flag)
  expect(await openFlag(value)).toEqual(flag)
})

it('is sealed and HttpOnly', async () => {
  const { value, ...attributes } = await flagCookie(flag)
  expect(value).not.toContain(flag.visitorId)
  expect(attributes).toMatchObject({ httpOnly: true, sameSite: 'lax', path: '/' })
})

it('refuses variants of one seal, which would fill the cache', async () => {
  const { value } = await flagCookie(flag)
  for (const spelling of [`${value}~junk`, `${value}~2`, `${value}0`, value.replace('~2', '~3')]) {
    expect(await openFlag(spelling), spelling).toBeNull()
  }
})

it.each(['', 'garbage', 'x'.repeat(3_000), 'Fe26.2*1*a*b*c*d*e*f~2'])(
  'refuses a value that this app did not seal: %s',
  async (value) => {
    expect(await openFlag(value)).toBeNull()
  },
)

describe('a flag cookie that a sibling subdomain planted beside the genuine one', () => {
  const flagWith = (...values: string[]) =>
    flagOf(
      readCredentials(
        new Headers({ cookie: values.map((value) => `auth_flow=${value}`).join('; ') }),
      ),
    )

  it('does not change the flow when this app did not seal it, in either order', async () => {
    const { value } = await flagCookie(flag)
    for (const planted of ['planted', '', `${value}0`]) {
      expect(await flagWith(value, planted)).toEqual(flag)
      expect(await flagWith(planted, value)).toEqual(flag)
    }
  })

  it('counts only when it comes first, if the attacker got it from this app', async () => {
    const other = { ...flag, flow: 'legacy' as const, visitorId: crypto.randomUUID() }
    const [own, planted] = [(await flagCookie(flag)).value, (await flagCookie(other)).value]
    expect(await flagWith(own, planted)).toEqual(flag)
    expect(await flagWith(planted, own)).toEqual(other)
  })

  it('cannot make the app open more than four seals', async () => {
    const { value } = await flagCookie(flag)
    expect(await flagWith('1', '2', '3', '4', value)).toBeNull()
  })
})
