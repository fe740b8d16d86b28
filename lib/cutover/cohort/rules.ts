import ipaddr from 'ipaddr.js'
import { coerce, lt } from 'semver'
import type { Flow, Policy } from '../policy/document'

/** The facts that the rules of a rolling policy use. Gathered once a request. None of them proves an identity. */
export type Visitor = {
  /** 0 to 9999, see `bucketOf`. */
  bucket: number
  /** Flow that an operator pinned this device to. */
  pin: Flow | null
  /** The organization that the visitor signed in with, in this session or in the last one on this device. */
  organization: string | null
  /** The id of that organization at the provider of the session. Null without a session. */
  organizationId: string | null
  /** Whether the visitor signs up now, or signed up at Stytch on this device. False with a live legacy session. */
  isNewSignUp: boolean
  /** The version that a mobile client sends in `x-app-version`. */
  appVersion: string | null
  /** Null unless TRUSTED_PROXY_HOPS declares a proxy. */
  ip: string | null
  /** Upper case. Null unless a declared proxy sends it. */
  country: string | null
}

export type CohortReason =
  | 'nobody'
  | 'everybody'
  | 'organization'
  | 'pin'
  | 'new_sign_up'
  | 'app_version'
  | 'ip_range'
  | 'country'
  | 'percent'
  | 'flag_failed'

export type Cohort = { flow: Flow; reason: CohortReason }

/**
 * Decides whether a visitor is in the cohort. The first rule that matches decides.
 * The cohort decides where a user signs in. It never decides whether a user may sign in.
 */
export function decideCohort(policy: Policy, visitor: Visitor): Cohort {
  if (policy.cohort === 'nobody') return { flow: 'legacy', reason: 'nobody' }
  if (policy.cohort === 'everybody') return { flow: 'stytch', reason: 'everybody' }
  const { organizations, newSignUps, minAppVersion, ipRanges, countries, percent } = policy.cohort

  // The pin comes first, so that an operator can test a login under every policy of rules.
  if (visitor.pin) return { flow: visitor.pin, reason: 'pin' }
  // The delivered policy has every name of a linked organization, see policy/organization-aliases.ts.
  const names = [visitor.organization, visitor.organizationId]
  if (names.some((name) => name !== null && organizations.includes(name))) {
    return { flow: 'stytch', reason: 'organization' }
  }
  // A team must see one login, so this rule, address and country do not apply to members of an organization.
  const hasNoOrganization = visitor.organization === null
  if (newSignUps && hasNoOrganization && visitor.isNewSignUp) {
    return { flow: 'stytch', reason: 'new_sign_up' }
  }
  if (minAppVersion && visitor.appVersion && isOlder(visitor.appVersion, minAppVersion)) {
    return { flow: 'legacy', reason: 'app_version' }
  }
  if (
    hasNoOrganization &&
    visitor.ip &&
    ipRanges.some((range) => isInRange(visitor.ip ?? '', range))
  ) {
    return { flow: 'stytch', reason: 'ip_range' }
  }
  if (hasNoOrganization && visitor.country && countries.includes(visitor.country)) {
    return { flow: 'stytch', reason: 'country' }
  }
  return { flow: visitor.bucket < percent * 100 ? 'stytch' : 'legacy', reason: 'percent' }
}

/** A version that cannot be parsed counts as old, because every app version supports the legacy flow. */
function isOlder(version: string, minimum: string): boolean {
  const parsed = coerce(version)
  return parsed === null || lt(parsed, minimum)
}

function isInRange(ip: string, range: string): boolean {
  if (!ipaddr.isValid(ip)) return false
  // `process` turns an IPv4 address written as IPv6 (::ffff:203.0.113.7) into IPv4.
  const address = ipaddr.process(ip)
  const [network, bits] = parseRange(range)
  return address.kind() === network.kind() && address.match(network, bits)
}

/** Parses a range. An operator may write an IPv4 range as IPv6 too: `::ffff:203.0.113.0/120`. */
function parseRange(range: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [network, bits] = ipaddr.parseCIDR(range)
  const isMapped = network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && bits >= 96
  return isMapped ? [network.toIPv4Address(), bits - 96] : [network, bits]
}
