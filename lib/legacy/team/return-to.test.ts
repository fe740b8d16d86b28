import { expect, it } from 'vitest'
import { safeTeamReturnTo } from './return-to'

it.each(['/team', '/team/acme', '/team/acme/members?page=2#top', '/team?problem=x'])(
  'returns to the page %s of the teams',
  (path) => {
    expect(safeTeamReturnTo(path)).toBe(path)
  },
)

it.each([
  null,
  '',
  '/dashboard',
  '/teams',
  '/team/../dashboard',
  '/team/%2e%2e/dashboard',
  '/team/auth/login',
  '/team/auth/login?organization=acme',
  '/team/AUTH/login',
  '/team/authenticate',
  'https://evil.example/team',
  '//evil.example/team',
  '/\\evil.example/team',
  '/.//evil.example/team',
  'javascript:alert(1)',
])('refuses to redirect to %j', (value) => {
  expect(safeTeamReturnTo(value)).toBe('/team')
})
