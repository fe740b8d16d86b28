import { afterAll, describe, expect, it, vi } from 'vitest'
import { startForTests } from './fixture.ts'
import { startAuth0StandIn } from './server.ts'

const standIn = await startForTests()
afterAll(standIn.close)

describe('starting', () => {
  it('fails with one line when the port is in use', async () => {
    const port = Number(new URL(standIn.url).port)
    await expect(startAuth0StandIn({ port })).rejects.toThrow(
      `Port ${port} is in use; set AUTH0_STAND_IN_PORT to another one.`,
    )
  })

  it('is refused in production', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    await expect(startAuth0StandIn({ port: 0 })).rejects.toThrow('NODE_ENV=production')
    vi.unstubAllEnvs()
  })
})
