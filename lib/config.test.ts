import { describe, expect, it } from 'vitest'
import { appEnvironment, urls } from '../sandbox/settings.ts'
import { parseConfig } from './config'
import { ConfigError } from './environment'
import { problemsOf } from './environment-testing'

const own = {
  APP_BASE_URL: 'https://app.example.com/',
  COOKIE_SECRET: 'c'.repeat(32),
  STYTCH_PROJECT_ENV: 'live',
  STYTCH_PROJECT_ID: 'project-live-1',
  STYTCH_SECRET: 'secret-live-1',
  STYTCH_PUBLIC_TOKEN: 'public-token-live-1',
  DATABASE_URL: 'postgres://app:secret@db.example.com:5432/cutover',
}
const sandbox = { ...appEnvironment, DATABASE_URL: 'postgres://localhost:4030/cutover' }

const problems = (env: Record<string, string | undefined>) => problemsOf(() => parseConfig(env))

describe('the environment of the product', () => {
  it('accepts the sandbox', () => {
    expect(parseConfig(sandbox)).toMatchObject({ sandbox: true })
  })

  it('accepts own keys', () => {
    const { stytch, secureCookies, appBaseUrl } = parseConfig(own)
    expect(stytch.apiUrl).toBe('https://api.stytch.com')
    expect({ secureCookies, appBaseUrl }).toEqual({
      secureCookies: true,
      appBaseUrl: 'https://app.example.com',
    })
  })

  it.each(Object.keys(own))('names %s when it is missing', (name) => {
    expect(problems({ ...own, [name]: undefined }).join()).toContain(`${name} `)
  })

  it('refuses a production deployment on test keys that does not name its environment', () => {
    const testKeys = {
      STYTCH_PROJECT_ENV: undefined,
      STYTCH_PROJECT_ID: 'project-test-1',
      STYTCH_SECRET: 'secret-test-1',
      STYTCH_PUBLIC_TOKEN: 'public-token-test-1',
    }
    expect(problems({ ...own, ...testKeys })).toEqual([
      expect.stringMatching(/^STYTCH_PROJECT_ENV must be "test" or "live"/),
    ])
  })

  it('reads a list of cookie secrets, separated by commas or line breaks', () => {
    const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(32))
    expect(
      parseConfig({ ...own, COOKIE_SECRET: `${one}, ${two}\n${three}\n` }).cookieSecrets,
    ).toEqual([one, two, three])
    expect(parseConfig({ ...own, COOKIE_SECRET: one }).cookieSecrets).toEqual([one])
  })

  it('refuses a sandbox without a database, and says how to get one', () => {
    expect(problems(appEnvironment).join()).toMatch(/^DATABASE_URL .*npm run db:migrate/)
  })

  it('names every invalid variable at once', () => {
    expect(problems({})).toHaveLength(7)
  })

  it.each([
    ['a test secret with live keys', { STYTCH_SECRET: 'secret-test-1' }],
    ['a test public token with live keys', { STYTCH_PUBLIC_TOKEN: 'public-token-test-1' }],
    ['live keys under STYTCH_PROJECT_ENV=test', { STYTCH_PROJECT_ENV: 'test' }],
    ['an app over http that is not localhost', { APP_BASE_URL: 'http://app.example.com' }],
    ['a stand-in for Stytch with live keys', { STYTCH_API_URL: 'http://localhost:4010' }],
    ['the sandbox with live keys', { SANDBOX: 'true' }],
    ['a short cookie secret', { COOKIE_SECRET: 'short' }],
    ['a short cookie secret in a list', { COOKIE_SECRET: `${'c'.repeat(32)},short` }],
    ['a list without a cookie secret', { COOKIE_SECRET: ' , ' }],
    ['five cookie secrets', { COOKIE_SECRET: Array(5).fill('c'.repeat(32)).join() }],
    ['a database that is not Postgres', { DATABASE_URL: 'mysql://localhost/cutover' }],
    ['a source address that is a script', { SOURCE_URL: 'javascript:alert(1)' }],
  ])('refuses %s', (_, over) => {
    expect(problems({ ...own, ...over }).length).toBeGreaterThan(0)
  })

  it('accepts a stand-in for Stytch outside the sandbox, on localhost and with test keys', () => {
    const local = { ...appEnvironment, DATABASE_URL: own.DATABASE_URL, SANDBOX: 'false' }
    expect(parseConfig(local)).toMatchObject({ sandbox: false, stytch: { apiUrl: urls.stytch } })
  })

  it.each([
    ['on another host', { STYTCH_API_URL: 'https://stand-in.example.com' }],
    ['on a host that begins with localhost', { STYTCH_API_URL: 'https://localhost.evil.example' }],
    ['on a host that hides behind localhost', { STYTCH_API_URL: 'https://localhost@evil.example' }],
    ['for an app that is not on localhost', { APP_BASE_URL: 'https://app.example.com' }],
    [
      'with live keys',
      {
        STYTCH_PROJECT_ENV: 'live',
        STYTCH_PROJECT_ID: 'project-live-1',
        STYTCH_SECRET: 'secret-live-1',
        STYTCH_PUBLIC_TOKEN: 'public-token-live-1',
      },
    ],
  ])('refuses a stand-in for Stytch outside the sandbox %s', (_, over) => {
    const local = { ...appEnvironment, DATABASE_URL: own.DATABASE_URL, SANDBOX: 'false' }
    expect(problems({ ...local, ...over })).toEqual([expect.stringContaining('STYTCH_API_URL')])
  })

  it('throws an error with a stable code', () => {
    expect(() => parseConfig({})).toThrow(expect.objectContaining({ code: 'config_invalid' }))
    expect(() => parseConfig({})).toThrow(ConfigError)
  })
})
