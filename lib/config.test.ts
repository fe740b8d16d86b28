import { describe, expect, it } from 'vitest'
import { appEnvironment } from '../sandbox/settings.ts'
import { ConfigError, parseConfig } from './config'

const own = {
  APP_BASE_URL: 'https://app.example.com/',
  COOKIE_SECRET: 'c'.repeat(32),
  CONTROL_TOKEN: 't'.repeat(32),
  STYTCH_PROJECT_ENV: 'live',
  STYTCH_PROJECT_ID: 'project-live-1',
  STYTCH_SECRET: 'secret-live-1',
  STYTCH_PUBLIC_TOKEN: 'public-token-live-1',
  AUTH0_DOMAIN: 'tenant.eu.auth0.com',
  AUTH0_CUSTOM_DOMAIN: 'login.example.com',
  AUTH0_CLIENT_ID: 'id',
  AUTH0_CLIENT_SECRET: 'secret',
  AUTH0_SECRET: 's'.repeat(64),
  AUTH0_AUDIENCE: 'https://api.example.com/',
  DATABASE_URL: 'postgres://app:secret@db.example.com:5432/cutover',
}
const sandbox = { ...appEnvironment, DATABASE_URL: 'postgres://localhost:4030/cutover' }

const problems = (env: Record<string, string | undefined>): readonly string[] => {
  try {
    parseConfig(env)
    return []
  } catch (error) {
    return (error as ConfigError).problems
  }
}

describe('the environment', () => {
  it('accepts the sandbox', () => {
    expect(parseConfig(sandbox)).toMatchObject({
      sandbox: true,
      controlToken: 'demo-control-token',
    })
  })

  it('accepts own keys, and writes issuers with their slash', () => {
    const { auth0, stytch, secureCookies, appBaseUrl } = parseConfig(own)
    expect(auth0.issuers).toEqual(['https://tenant.eu.auth0.com/', 'https://login.example.com/'])
    expect(stytch.apiUrl).toBe('https://api.stytch.com')
    expect({ secureCookies, appBaseUrl }).toEqual({
      secureCookies: true,
      appBaseUrl: 'https://app.example.com',
    })
  })

  it.each(
    Object.keys(own).filter(
      (name) => !['AUTH0_CUSTOM_DOMAIN', 'CONTROL_TOKEN', 'STYTCH_PROJECT_ENV'].includes(name),
    ),
  )('names %s when it is missing', (name) => {
    expect(problems({ ...own, [name]: undefined }).join()).toContain(`${name} `)
  })

  it('refuses a sandbox without a database, and says how to get one', () => {
    expect(problems(appEnvironment).join()).toMatch(/^DATABASE_URL .*npm run db:migrate/)
  })

  it('names everything that is wrong at once', () => {
    expect(problems({})).toHaveLength(11)
  })

  it.each([
    ['a test secret with live keys', { STYTCH_SECRET: 'secret-test-1' }],
    ['a test public token with live keys', { STYTCH_PUBLIC_TOKEN: 'public-token-test-1' }],
    ['live keys under STYTCH_PROJECT_ENV=test', { STYTCH_PROJECT_ENV: 'test' }],
    ['an app over http that is not localhost', { APP_BASE_URL: 'http://app.example.com' }],
    ['Auth0 over http that is not localhost', { AUTH0_DOMAIN: 'http://tenant.example.com' }],
    [
      'localhost as the beginning of another host',
      { AUTH0_DOMAIN: 'http://localhost.evil.example' },
    ],
    ['a stand-in for Stytch outside the sandbox', { STYTCH_API_URL: 'http://localhost:4010' }],
    ['the sandbox with live keys', { SANDBOX: 'true' }],
    ['a short cookie secret', { COOKIE_SECRET: 'short' }],
    ['a database that is not Postgres', { DATABASE_URL: 'mysql://localhost/cutover' }],
    ['a source address that is a script', { SOURCE_URL: 'javascript:alert(1)' }],
    ['half of the mirror’s keys', { AUTH0_MANAGEMENT_CLIENT_ID: 'id' }],
    [
      'a Management API over http that is not localhost',
      { AUTH0_MANAGEMENT_DOMAIN: 'http://tenant.example.com' },
    ],
    ['a webhook secret that is none', { STYTCH_WEBHOOK_SECRET: 'secret' }],
  ])('refuses %s', (_, over) => {
    expect(problems({ ...own, ...over }).length).toBeGreaterThan(0)
  })

  it('leaves the mirror off and its doors closed unless their secrets are set', () => {
    const { auth0, stytch, cronSecret } = parseConfig({ ...own, CRON_SECRET: 'too-short' })
    expect({ mirror: auth0.management, webhook: stytch.webhookSecret, cronSecret }).toEqual({
      mirror: null,
      webhook: '',
      cronSecret: '',
    })
  })

  it('refuses a sandbox whose providers are not on localhost', () => {
    expect(problems({ ...sandbox, AUTH0_DOMAIN: 'tenant.eu.auth0.com' })).toHaveLength(1)
  })

  it('closes the token door when the control token is missing or short, outside the sandbox', () => {
    expect(parseConfig({ ...own, CONTROL_TOKEN: undefined }).controlToken).toBe('')
    expect(parseConfig({ ...own, CONTROL_TOKEN: 'demo-control-token' }).controlToken).toBe('')
    expect(parseConfig(own).metricsToken).toBe('')
    expect(parseConfig({ ...own, METRICS_TOKEN: 'demo-metrics-token' }).metricsToken).toBe('')
    const long = 'm'.repeat(32)
    expect(parseConfig({ ...own, METRICS_TOKEN: long }).metricsToken).toBe(long)
  })

  it('throws an error with a stable code', () => {
    expect(() => parseConfig({})).toThrow(expect.objectContaining({ code: 'config_invalid' }))
    expect(() => parseConfig({})).toThrow(ConfigError)
  })
})
