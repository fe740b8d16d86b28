import { beforeAll, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings'
import { flagCookie, openFlag } from './flag-cookie'

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
