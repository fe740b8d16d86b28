import { NextRequest } from 'next/server'
import { beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment, urls } from '../../sandbox/settings.ts'
import { allowFormTarget, isDocumentRequest, pagePolicy } from './content-security-policy'
import { forward, rewriteTo } from './forward'

beforeAll(() => {
  Object.assign(process.env, appEnvironment, { DATABASE_URL: 'postgres://localhost/cutover' })
})

const html = { accept: 'text/html,application/xhtml+xml' }
const request = (headers: Record<string, string>) => new NextRequest(urls.app, { headers })
/** The policy that the page gets in its request, from which Next reads the nonce. */
const forPage = (response: Response) =>
  response.headers.get('x-middleware-request-content-security-policy')
const forBrowser = (response: Response) => response.headers.get('content-security-policy')

describe('the policy of a page', () => {
  it('has no unsafe script source, and a new nonce each time', () => {
    const [first, second] = [pagePolicy(), pagePolicy()]
    expect(first).not.toBe(second)
    expect(first).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/]{22}==' 'strict-dynamic';/)
    expect(first).toContain(`connect-src 'self' ${urls.stytch};`)
  })

  it('is the same for the page and for the browser', () => {
    for (const response of [
      forward(request(html), null),
      rewriteTo('/unavailable', request(html), null, { status: 503 }),
    ]) {
      expect(forBrowser(response)).toContain("'nonce-")
      expect(forPage(response)).toBe(forBrowser(response))
    }
  })

  it('lets a form lead to the provider that ends its own session', () => {
    const response = forward(request(html), null)
    allowFormTarget(response, `${urls.auth0}/`)
    expect(forBrowser(response)).toContain(`form-action 'self' ${urls.auth0};`)
  })
})

describe('a request that is not for a page', () => {
  it.each([
    [{}],
    [{ accept: '*/*' }],
    [{ ...html, rsc: '1' }],
    [{ ...html, 'next-action': 'id' }],
  ] as Record<string, string>[][])('passes on as it is: %j', (headers = {}) => {
    expect(isDocumentRequest(new Headers(headers))).toBe(false)
    const response = forward(request(headers), null)
    expect([...response.headers]).toEqual([['x-middleware-next', '1']])
  })

  it('loses a policy that the client sent, whose nonce the client knows', () => {
    const response = forward(request({ 'content-security-policy': "script-src 'nonce-a'" }), null)
    expect(forPage(response)).toBeNull()
    expect(forBrowser(response)).toBeNull()
  })
})
