import { afterAll, describe, expect, it, vi } from 'vitest'
import { startForTests } from './fixture.ts'
import { startStytchStandIn } from './server.ts'

const { url, close } = await startForTests()
afterAll(close)

describe('starting', () => {
  it('fails with one line when the port is in use', async () => {
    const port = Number(new URL(url).port)
    await expect(startStytchStandIn({ port })).rejects.toThrow(
      `Port ${port} is in use; set STYTCH_STAND_IN_PORT to another one.`,
    )
  })

  it('is refused in production', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    await expect(startStytchStandIn({ port: 0 })).rejects.toThrow('NODE_ENV=production')
    vi.unstubAllEnvs()
  })
})

it('the stand-in serves a page for the hidden frame of the browser SDK', async () => {
  const response = await fetch(`${url}/clientside-services/index.html`)
  expect(response.headers.get('content-type')).toContain('text/html')
})
