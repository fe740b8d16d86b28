import { describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { problemsOf } from '../../environment-testing'
import { parseAuth0Settings } from './settings'

const own = {
  AUTH0_DOMAIN: 'tenant.eu.auth0.com',
  AUTH0_CUSTOM_DOMAIN: 'login.example.com',
  AUTH0_CLIENT_ID: 'id',
  AUTH0_CLIENT_SECRET: 'secret',
  AUTH0_SECRET: 's'.repeat(64),
  AUTH0_AUDIENCE: 'https://api.example.com/',
}
const parse = (env: Record<string, string | undefined>, sandbox = false) =>
  parseAuth0Settings(env, { sandbox })
const problems = (env: Record<string, string | undefined>, sandbox = false) =>
  problemsOf(() => parse(env, sandbox))

describe('the environment of Auth0', () => {
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

  const team = {
    AUTH0_TEAM_CLIENT_ID: 'team-id',
    AUTH0_TEAM_CLIENT_SECRET: 'team-secret',
    AUTH0_TEAM_SECRET: 't'.repeat(64),
  }

  it('has a login of teams only where its client is set', () => {
    expect(parse(own).team).toBeNull()
    expect(parse({ ...own, ...team, AUTH0_CARRY_CLIENT_IDS: 'ios' }).team).toEqual({
      clientId: 'team-id',
      clientIds: ['team-id', 'ios'],
      clientSecret: 'team-secret',
      secret: team.AUTH0_TEAM_SECRET,
      cookieName: '__team_session',
    })
  })

  it.each(Object.keys(team))('refuses a login of teams without %s', (name) => {
    expect(problems({ ...own, ...team, [name]: '' }).join()).toContain('belong together')
  })

  it('refuses one secret for people and teams, because a cookie of a person would open as that of a team', () => {
    const same = { ...own, ...team, AUTH0_TEAM_SECRET: own.AUTH0_SECRET }
    expect(problems(same)).toEqual(['AUTH0_TEAM_SECRET must differ from AUTH0_SECRET'])
    expect(problems({ ...same, AUTH0_TEAM_SESSION_COOKIE: '__session' })).toEqual([])
  })

  it('refuses a short secret and a wrong cookie name of the teams', () => {
    const wrong = { ...own, ...team, AUTH0_TEAM_SECRET: 'short', AUTH0_TEAM_SESSION_COOKIE: 'a b' }
    expect(problems(wrong).join()).toMatch(/AUTH0_TEAM_SECRET.*AUTH0_TEAM_SESSION_COOKIE/)
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

  it('has no limit of inactivity unless the product has one', () => {
    const absolute = { ...own, AUTH0_SESSION_ABSOLUTE_DURATION: '864000' }
    expect(parse(absolute).inactivitySeconds).toBe(864_000)
    expect(
      parse({ ...absolute, AUTH0_SESSION_INACTIVITY_DURATION: '86400' }).inactivitySeconds,
    ).toBe(86_400)
    expect(problems({ ...own, AUTH0_SESSION_INACTIVITY_DURATION: 'a day' }).join()).toContain(
      'AUTH0_SESSION_INACTIVITY_DURATION',
    )
  })

  it.each(['0', '299', '31536001', 'ten days', '1.5'])(
    'refuses the session lifetime %j, and names the variable',
    (value) => {
      const found = problems({ ...own, AUTH0_SESSION_ABSOLUTE_DURATION: value })
      expect(found.join()).toContain('AUTH0_SESSION_ABSOLUTE_DURATION')
    },
  )

  it('names no audience only where the operator says so', () => {
    expect(parse(own).audience).toBe('https://api.example.com/')
    expect(parse({ ...own, AUTH0_AUDIENCE: 'none' }).audience).toBeNull()
  })

  it('switches the mirror on only where its client is set', () => {
    expect(parse(own).management).toBeNull()
  })
})
