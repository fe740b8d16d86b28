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
  it('accepts the sandbox', () => {
    expect(problems(appEnvironment, true)).toEqual([])
  })

  it('accepts own keys, and writes issuers with their slash', () => {
    expect(parse(own).issuers).toEqual([
      'https://tenant.eu.auth0.com/',
      'https://login.example.com/',
    ])
  })

  it.each(Object.keys(own).filter((name) => name !== 'AUTH0_CUSTOM_DOMAIN'))(
    'names %s when it is missing',
    (name) => {
      expect(problems({ ...own, [name]: undefined }).join()).toContain(`${name} `)
    },
  )

  it('names everything that is wrong at once', () => {
    expect(problems({})).toHaveLength(5)
  })

  it.each([
    ['Auth0 over http that is not localhost', { AUTH0_DOMAIN: 'http://tenant.example.com' }],
    [
      'localhost as the beginning of another host',
      { AUTH0_DOMAIN: 'http://localhost.evil.example' },
    ],
    ['half of the mirror’s keys', { AUTH0_MANAGEMENT_CLIENT_ID: 'id' }],
    [
      'a Management API over http that is not localhost',
      { AUTH0_MANAGEMENT_DOMAIN: 'http://tenant.example.com' },
    ],
  ])('refuses %s', (_, over) => {
    expect(problems({ ...own, ...over }).length).toBeGreaterThan(0)
  })

  it('refuses a sandbox whose tenant is not on localhost', () => {
    expect(problems({ ...appEnvironment, AUTH0_DOMAIN: 'tenant.eu.auth0.com' }, true)).toHaveLength(
      1,
    )
  })

  it('leaves the mirror off unless its client is set', () => {
    expect(parse(own).management).toBeNull()
  })
})
