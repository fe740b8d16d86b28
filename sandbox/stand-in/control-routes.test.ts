import { describe, expect, it } from 'vitest'
import { answerControlRequest, ok } from './control-routes.ts'

const routes = { 'GET /_sandbox/inbox': () => ok([]) }
const request = { method: 'GET', path: '/_sandbox/inbox', body: '' }

describe('a control route', () => {
  it.each([
    ['a page of another site', { origin: 'https://evil.test' }],
    ['a page of a look-alike host', { origin: 'http://localhost.evil.test' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a cross-site image', { 'sec-fetch-site': 'cross-site' }],
    ['a page that uses DNS rebinding', { host: 'evil.test:4020' }],
  ])('refuses %s', async (_, headers) => {
    const { status, body } = await answerControlRequest(routes, { ...request, headers })
    expect(status).toBe(403)
    expect(body).toMatchObject({ error: { code: 'foreign_origin' } })
    const unknown = { ...request, path: '/_sandbox/unknown', headers }
    expect((await answerControlRequest(routes, unknown)).status).toBe(403)
  })

  it.each([
    [{}],
    [{ origin: 'http://localhost:3000', host: 'localhost:4020', 'sec-fetch-site': 'same-site' }],
    [{ origin: 'http://127.0.0.1:3000', host: '[::1]:4020' }],
  ])('answers a request of this machine: %j', async (headers) => {
    const answer = await answerControlRequest(routes, { ...request, headers })
    expect(answer).toEqual({ status: 200, body: [] })
  })

  it.each(['constructor', 'toString'])(
    'is not a property that every object has: %s',
    async (name) => {
      const headers = {}
      const answer = await answerControlRequest(routes, {
        method: '',
        path: name,
        headers,
        body: '',
      })
      expect(answer.status).toBe(404)
    },
  )
})
