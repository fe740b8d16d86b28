import { describe, expect, it } from 'vitest'
import { returnToTeam, safeTeamReturnTo } from './return-to'

describe('the page to return to after the sign-in to a team', () => {
  it.each([
    '/team',
    '/team/acme',
    '/team/acme/members?page=2',
    '/team/acme/members?page=2#top',
    '/team/acme#notes',
    '/team?problem=x',
  ])('is %s, a page of the teams', (path) => expect(safeTeamReturnTo(path)).toBe(path))

  it.each([
    null,
    '',
    '/dashboard',
    '/teams',
    '/team/%2e%2e/dashboard',
    '/team/auth/login?organization=acme',
    '/team/AUTH/login',
    '/team/authenticate',
    '/team/api/me',
    'https://evil.example/team',
    '/\\evil.example/team',
    '/.//evil.example/team',
    'javascript:alert(1)',
    '//evil.example/team',
    'https://evil.example/team/acme',
    '/team/../dashboard',
    '/team/login',
    '/team/acme/login',
    '/team/acme/LOGIN?returnTo=/team',
    '/team/authenticate?token=x',
    '/team/auth/login',
    '/team/choose',
    undefined,
    ['/team/acme'],
  ])('is the start of the teams instead of %s', (value) =>
    expect(safeTeamReturnTo(value)).toBe('/team'),
  )

  it('is a page of the team that was signed in to', () => {
    expect(returnToTeam('acme', '/team/acme/members')).toBe('/team/acme/members')
    expect(returnToTeam('acme', '/team/globex/members')).toBe('/team/acme')
    expect(returnToTeam('acme', '/team/acme.example')).toBe('/team/acme')
    expect(returnToTeam('acme', '/team')).toBe('/team/acme')
  })
})
