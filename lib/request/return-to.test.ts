import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeReturnTo } from './return-to'

describe('safeReturnTo', () => {
  it.each(['/dashboard', '/', '/team/acme?tab=1#top', '/a%20b', '/dashboard?next=//evil.example'])(
    'keeps %s',
    (path) => {
      expect(safeReturnTo(path)).toBe(path)
    },
  )

  it.each([
    'https://evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '/.//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    '@evil.example',
    '.evil.example',
    'evil.example',
    '/login',
    '/login?returnTo=/login',
    '/LOGIN',
    '/authenticate',
    '/auth/login',
    '/auth/callback?code=1',
    '/api/me',
    '',
    '/ü',
    `/${'a'.repeat(3_000)}`,
    undefined,
    null,
    ['/dashboard'],
  ])('refuses to lead to %j', (value) => {
    expect(safeReturnTo(value)).toBe('/dashboard')
  })

  it('never leaves the site, for any input', () => {
    const nasty = fc.string({
      unit: fc.constantFrom(
        '/',
        '\\',
        '.',
        '@',
        ':',
        '%2f',
        '%5c',
        '\t',
        '\r',
        'evil.example',
        '?',
        '#',
        'a',
        ' ',
        '\u2044',
      ),
    })
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string(), fc.webUrl()), (value) => {
        const target = safeReturnTo(value)
        expect(new URL(target, 'https://app.example').origin).toBe('https://app.example')
        // A second resolution, as by a browser that gets the path in a Location header, changes nothing.
        expect(target.startsWith('//')).toBe(false)
      }),
      { numRuns: 500 },
    )
  })
})
