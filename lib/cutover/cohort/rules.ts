import ipaddr from 'ipaddr.js'
import { coerce, lt } from 'semver'
import type { Flow, Policy } from '../policy/document'

/** Everything the rules of a rolling policy may look at. Gathered once a request; none of it is trusted for identity. */
export type Visitor = {
  /** 0 to 9999, see `bucketOf`. */
  bucket: number
  /** Flow that an operator pinned this device to. */
  pin: Flow | null
  /** That the visitor signed in with, here or the last time on this device. */
  organization: string | null
  /** What a mobile client says in `x-app-version`. */
  appVersion: string | null
  /** Null unless the app stands behind a declared proxy. */
  ip: string | null
  /** Upper case; null unless a declared proxy tells it. */
  country: string | null
}

export type CohortReason =
  | 'nobody'
  | 'everybody'
  | 'organization'
  | 'pin'
  | 'app_version'
  | 'ip_range'
  | 'country'
  | 'percent'
  | 'flag_failed'

export type Cohort = { flow: Flow; reason: CohortReason }

/**
 * Whether a visitor is in the cohort: first rule that speaks wins.
 * Being in or out decides where someone signs in, never whether they may.
 */
export function decideCohort(policy: Policy, visitor: Visitor): Cohort {
  if (policy.cohort === 'nobody') return { flow: 'legacy', reason: 'nobody' }
  if (policy.cohort === 'everybody') return { flow: 'stytch', reason: 'everybody' }
  const { organizations, minAppVersion, ipRanges, countries, percent } = policy.cohort

  if (visitor.organization && organizations.includes(visitor.organization)) {
    return { flow: 'stytch', reason: 'organization' }
  }
  if (visitor.pin) return { flow: visitor.pin, reason: 'pin' }
  if (minAppVersion && visitor.appVersion && isOlder(visitor.appVersion, minAppVersion)) {
    return { flow: 'legacy', reason: 'app_version' }
  }
  // Where somebody sits splits no organization: a team with two offices must not see two logins.
  const isAlone = visitor.organization === null
  if (isAlone && visitor.ip && ipRanges.some((range) => isInRange(visitor.ip ?? '', range))) {
    return { flow: 'stytch', reason: 'ip_range' }
  }
  if (isAlone && visitor.country && countries.includes(visitor.country)) {
    return { flow: 'stytch', reason: 'country' }
  }
  return { flow: visitor.bucket < percent * 100 ? 'stytch' : 'legacy', reason: 'percent' }
}

/** A version that cannot be read counts as old: it stays where it has always worked. */
function isOlder(version: string, minimum: string): boolean {
  const parsed = coerce(version)
  return parsed === null || lt(parsed, minimum)
}

function isInRange(ip: string, range: string): boolean {
  if (!ipaddr.isValid(ip)) return false
  // `process` turns ::ffff:203.0.113.7 into 203.0.113.7, which is the same host.
  const address = ipaddr.process(ip)
  const [network, bits] = plainRange(range)
  return address.kind() === network.kind() && address.match(network, bits)
}

/** An operator may write an IPv4 range in the same way: `::ffff:203.0.113.0/120`. */
function plainRange(range: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [network, bits] = ipaddr.parseCIDR(range)
  const isMapped = network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && bits >= 96
  return isMapped ? [network.toIPv4Address(), bits - 96] : [network, bits]
}
