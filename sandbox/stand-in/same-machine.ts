import type { IncomingHttpHeaders } from 'node:http'

/** True for an address of this machine, with any scheme and port. */
export function isLocalhost(address: string): boolean {
  if (!URL.canParse(address)) return false
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname)
}

/**
 * False for a request from a web page of another site. Any page in a browser on this machine can send requests to
 * localhost. The check of `Host` stops DNS rebinding, in which the attacker's own name resolves to 127.0.0.1 and
 * the browser sees no cross-site request.
 */
export function isFromThisMachine(headers: IncomingHttpHeaders): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (site === 'cross-site') return false
  if (origin !== undefined && !isLocalhost(origin)) return false
  return host === undefined || isLocalhost(`http://${host}`)
}
