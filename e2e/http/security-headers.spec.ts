import { ask } from '../steps/request.ts'
import { stytchCookies } from '../steps/stytch-session.ts'
import { stytch } from '../world/stytch.ts'
import { expect, test } from '../world/test.ts'

test.use({ policy: 'zero-downtime' })

const html = { accept: 'text/html,application/xhtml+xml' }
const policyOf = (answer: { headers: Headers }) =>
  answer.headers.get('content-security-policy') ?? ''

test('a page has one policy with a nonce, and its scripts carry that nonce', async () => {
  const answer = await ask('/login', { headers: html })
  const nonce = /'nonce-([^']+)'/.exec(policyOf(answer))?.[1] ?? 'none'
  expect(policyOf(answer).match(/default-src/g)).toHaveLength(1)
  expect(answer.text).toContain(`nonce="${nonce}"`)
  for (const [tag] of answer.text.matchAll(/<script[^>]*>/g)) expect(tag).toContain(nonce)
})

test('an outage page has it too', async () => {
  const cookies = await stytchCookies('ada@example.com', { claims: { exp: 1_700_000_000 } })
  await stytch.setFaults([{ method: 'POST', path: '/v1/sessions/authenticate', status: 503 }])
  const answer = await ask('/dashboard', { cookies, headers: html })
  expect(answer.status).toBe(503)
  const nonce = /'nonce-([^']+)'/.exec(policyOf(answer))?.[1] ?? 'none'
  for (const [tag] of answer.text.matchAll(/<script[^>]*>/g)) expect(tag).toContain(nonce)
})

test('refuses a nonce that the client chose', async () => {
  const forged = "script-src 'nonce-chosen'"
  for (const headers of [html, {}, { rsc: '1' }] as Record<string, string>[]) {
    const answer = await ask('/login', {
      headers: { ...headers, 'content-security-policy': forged },
    })
    expect(policyOf(answer)).not.toContain('chosen')
    expect(answer.text).not.toContain('nonce="chosen"')
  }
})

test('a request that is not for a page gets the strict policy without a nonce', async () => {
  for (const [path, headers] of [
    ['/login', {}],
    ['/login', { ...html, rsc: '1' }],
    ['/api/me', {}],
    ['/icon.svg', {}],
  ] as const) {
    expect(policyOf(await ask(path, { headers })), path).toMatch(/^default-src 'none'; (?!.*nonce)/)
  }
})

test('each answer has the other security headers', async () => {
  for (const path of ['/login', '/api/me', '/icon.svg']) {
    const { headers } = await ask(path, { headers: html })
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('permissions-policy')).toContain('camera=()')
    expect(headers.get('strict-transport-security')).toContain('max-age=')
  }
})
