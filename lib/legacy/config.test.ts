import { describe, expect, it } from 'vitest'
import { appEnvironment } from '../../sandbox/settings.ts'
import { problemsOf } from '../environment-testing'
import { parseLegacyConfig } from './config'

const own = {
  AUTH0_DOMAIN: 'tenant.eu.auth0.com',
  AUTH0_CUSTOM_DOMAIN: 'login.example.com',
  AUTH0_CLIENT_ID: 'id',
  AUTH0_CLIENT_SECRET: 'secret',
  AUTH0_SECRET: 's'.repeat(64),
  AUTH0_AUDIENCE: 'https://api.example.com/',
}
const parse = (env: Record<string, string | undefined>, sandbox = false) =>
  parseLegacyConfig(env, { sandbox })
const problems = (env: Record<string, string | undefined>, sandbox = false) =>
  problemsOf(() => parse(env, sandbox))

describe('the environment of the legacy provider', () => {
  it('is valid in the sandbox', () => {
    expect(problems(appEnvironment, true)).toEqual([])
  })

  it('is valid with own keys, and its issuers end with a slash', () => {
    expect(parse(own).issuers).toEqual([
      'https://tenant.eu.auth0.com/',
      'https://login.example.com/',
    ])
  })

  it.each(Object.keys(own).filter((name) => name !== 'AUTH0_CUSTOM_DOMAIN'))(
    'is invalid without %s, and names it',
    (name) => {
      expect(problems({ ...own, [name]: undefined }).join()).toContain(`${name} `)
    },
  )

  it('names everything that is missing at once', () => {
    expect(problems({})).toHaveLength(5)
  })

  it.each([
    ['Auth0 over http that is not localhost', { AUTH0_DOMAIN: 'http://tenant.example.com' }],
    ['a host that only begins with localhost', { AUTH0_DOMAIN: 'http://localhost.evil.example' }],
    ['only one of the two keys of the mirror', { AUTH0_MANAGEMENT_CLIENT_ID: 'id' }],
    [
      'a Management API over http that is not localhost',
      { AUTH0_MANAGEMENT_DOMAIN: 'http://tenant.example.com' },
    ],
  ])('refuses %s', (_, over) => {
    expect(problems({ ...own, ...over }).length).toBeGreaterThan(0)
  })

  it('refuses a tenant that is not on localhost in the sandbox', () => {
    expect(problems({ ...appEnvironment, AUTH0_DOMAIN: 'tenant.eu.auth0.com' }, true)).toHaveLength(
      1,
    )
  })

  it('takes the session lifetime of the product, and by default that of the SDK', () => {
    expect(parse(own).sessionSeconds).toBe(3 * 24 * 60 * 60)
    expect(parse({ ...own, AUTH0_SESSION_ABSOLUTE_DURATION: '864000' }).sessionSeconds).toBe(
      864_000,
    )
  })

  it.each(['0', '299', '31536001', 'ten days', '1.5'])(
    'refuses the session lifetime %j, and names the variable',
    (value) => {
      const found = problems({ ...own, AUTH0_SESSION_ABSOLUTE_DURATION: value })
      expect(found.join()).toContain('AUTH0_SESSION_ABSOLUTE_DURATION')
    },
  )

  it('switches the mirror on only where its client is set', () => {
    expect(parse(own).management).toBeNull()
  })
})
