import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect, it } from 'vitest'
import { listenOnLocalhost } from './localhost.ts'

/** Some containers have no IPv6. */
const addresses = Object.values(networkInterfaces())
  .flat()
  .flatMap((each) => (each?.internal ? [each.address] : []))
  .filter((address) => ['127.0.0.1', '::1'].includes(address))

it('answers on both addresses of localhost', async () => {
  const { port, close } = await listenOnLocalhost(0, 'PORT', (_, response) => response.end('here'))
  for (const host of ['localhost', ...addresses]) {
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
    expect(await (await fetch(url)).text()).toBe('here')
  }
  await close()
})

it.each(addresses)('refuses a port that is in use at %s only', async (host) => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, host, resolve))
  const { port } = other.address() as { port: number }
  const listening = listenOnLocalhost(port, 'SOME_PORT', () => undefined)
  await expect(listening).rejects.toThrow(`Port ${port} is in use; set SOME_PORT to another one.`)
  other.close()
})
