import ipaddr from 'ipaddr.js'
import { config } from '../config'

/**
 * The IP address of the client. Null unless TRUSTED_PROXY_HOPS declares a proxy, because a client can write any
 * address into the header.
 */
export function clientAddress(headers: { get(name: string): string | null }): string | null {
  const trustedHops = config().trustedProxyHops
  if (trustedHops === 0) return null
  const forwardedFor = headers.get('x-forwarded-for')
  if (!forwardedFor) return null
  // Each trusted proxy appends the address that it sees. The client can forge the entries to the left of those.
  const address = forwardedFor.split(',').at(-trustedHops)?.trim() ?? ''
  // Some gateways add the port: 203.0.113.9:4123, [2001:db8::1]:4123.
  return (
    address.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1').replace(/^\[(.+)\](?::\d+)?$/, '$1') || null
  )
}

/**
 * The network that a client controls: one IPv4 address, or a /64 of IPv6. An attacker with IPv6 has as many
 * addresses as they want in their /64. Null for text that is not an address.
 */
export function clientNetwork(address: string | null): string | null {
  if (address === null || !ipaddr.isValid(address)) return null
  const parsed = ipaddr.process(address)
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}
