import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { config } from '@/lib/config'
import { legacyConfig } from '@/lib/legacy/config'
import { appEnvironment } from '@/sandbox/settings'
import { StandInRequests } from './stand-in-requests'
import { GuidedTour } from './tour'
import { type TourName, tours } from './tours'

beforeAll(() => {
  for (const [name, value] of Object.entries(appEnvironment)) vi.stubEnv(name, value)
  config()
  return () => vi.unstubAllEnvs()
})

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** Starts a stand-in with this log. With null it accepts requests and never answers. */
async function standIn(log: object[] | null): Promise<string> {
  const server = createServer((_, response) => {
    if (log) response.end(JSON.stringify(log))
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, 'localhost', done))
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}

const textOf = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

describe('requests to the stand-ins', () => {
  const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 12, 0, second)).toISOString()
  const request = (second: number, path: string) => ({
    at: at(second),
    method: 'GET',
    path,
    status: 200,
  })
  async function renderedText(): Promise<string> {
    return textOf(renderToStaticMarkup(await StandInRequests()))
  }

  it('shows the latest eight of both, newest first', async () => {
    config().stytch.apiUrl = await standIn([request(1, '/one'), request(3, '/three')])
    legacyConfig().issuer = await standIn(
      [...Array(10).keys()].map((index) => request(2, `/two/${index}`)),
    )
    const text = await renderedText()
    expect(text.indexOf('/three')).toBeGreaterThan(-1)
    expect(text.indexOf('/three')).toBeLessThan(text.indexOf('/two'))
    expect(text).toContain('12:00:03 UTC')
    expect(text).not.toContain('/one')
    expect(text.match(/UTC/g)).toHaveLength(8)
  })

  it('shortens ids in paths', async () => {
    config().stytch.apiUrl = await standIn([request(1, `/authorize/${'x'.repeat(43)}`)])
    legacyConfig().issuer = await standIn([])
    expect(await renderedText()).toContain(`/authorize/${'x'.repeat(12)}…`)
  })

  it('names a stand-in that does not answer in time, and shows the other', async () => {
    config().stytch.apiUrl = await standIn(null)
    legacyConfig().issuer = await standIn([request(1, '/oauth/token')])
    const text = await renderedText()
    expect(text).toContain('The Stytch stand-in does not answer')
    expect(text).not.toContain('The Auth0 stand-in does not answer')
    expect(text).toContain('/oauth/token')
  })

  it('names a stand-in that is down, and one that sends an unknown format', async () => {
    config().stytch.apiUrl = 'http://localhost:1'
    legacyConfig().issuer = await standIn([{ hello: 'world' }])
    const text = await renderedText()
    expect(text).toContain('The Stytch stand-in does not answer')
    expect(text).toContain('The Auth0 stand-in does not answer')
  })
})

describe('outside of the sandbox', () => {
  it.each(Object.keys(tours) as TourName[])(
    'the tour %s shows its steps without demo users, state or marks',
    async (name) => {
      config().sandbox = false
      try {
        const text = textOf(renderToStaticMarkup(await GuidedTour({ name, showState: false })))
        for (const { title } of tours[name].steps) expect(text).toContain(title)
        expect(text).not.toMatch(/demo-password|example\.com|Done|Next|Session ends|stand-in/)
        expect(text).toContain('OPERATOR_EMAILS')
      } finally {
        config().sandbox = true
      }
    },
  )
})
