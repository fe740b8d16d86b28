import { beforeEach, describe, expect, it, vi } from 'vitest'
import { appEnvironment } from '../../sandbox/settings.ts'

/** The settings are read once, so each test loads the module anew. */
async function addressBehind(hops: string, forwardedFor: string | null) {
  vi.resetModules()
  process.env.TRUSTED_PROXY_HOPS = hops
  const { clientAddress } = await import('./client-address')
  return clientAddress(new Headers(forwardedFor ? { 'x-forwarded-for': forwardedFor } : {}))
}

beforeEach(() => {
  Object.assign(process.env, appEnvironment)
})

describe('clientAddress', () => {
  it('ignores the header without a declared proxy, so that no client chooses its own address', async () => {
    expect(await addressBehind('0', '203.0.113.9')).toBeNull()
  })

  it('ignores addresses that the client wrote before the proxy appended its own', async () => {
    expect(await addressBehind('1', '198.51.100.1, 203.0.113.9')).toBe('203.0.113.9')
    expect(await addressBehind('2', '198.51.100.1, 203.0.113.9, 10.0.0.1')).toBe('203.0.113.9')
  })

  it('is null when fewer proxies answered than are declared', async () => {
    expect(await addressBehind('2', '203.0.113.9')).toBeNull()
  })

  it.each([
    ['203.0.113.9:4123', '203.0.113.9'],
    ['[2001:db8::1]:4123', '2001:db8::1'],
  ])('reads %s without its port', async (given, address) => {
    expect(await addressBehind('1', given)).toBe(address)
  })
})

describe('clientNetwork', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['unknown', null],
    [null, null],
  ])('of %s is %s', async (address, network) => {
    const { clientNetwork } = await import('./client-address')
    expect(clientNetwork(address)).toBe(network)
  })
})
