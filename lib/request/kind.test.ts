import { expect, it } from 'vitest'
import { requestKind } from './kind'

it.each([
  ['/dashboard', 'GET', {}, 'page'],
  ['/dashboard', 'HEAD', {}, 'page'],
  ['/dashboard', 'POST', {}, 'action'],
  ['/dashboard', 'GET', { purpose: 'prefetch' }, 'prefetch'],
  ['/dashboard', 'GET', { 'sec-purpose': 'prefetch;prerender' }, 'prefetch'],
  ['/dashboard', 'GET', { 'next-router-prefetch': '1' }, 'prefetch'],
  // A client cannot make a post skip the checks of an action.
  ['/dashboard', 'POST', { purpose: 'prefetch' }, 'action'],
  ['/', 'GET', {}, 'public'],
  ['/source/app/page.tsx', 'GET', {}, 'public'],
  ['/sources', 'GET', {}, 'page'],
  ['/api/me', 'GET', { purpose: 'prefetch' }, 'api'],
  ['/api/metrics', 'GET', {}, 'public'],
  ['/api/unknown', 'POST', {}, 'api'],
  ['/a-page-that-nobody-named', 'GET', {}, 'page'],
] as const)('%s by %s with %o is of kind %s', (path, method, headers, kind) => {
  expect(requestKind(path, method, new Headers(headers))).toBe(kind)
})
