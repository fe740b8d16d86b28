/** The role at Stytch that may invite people. https://stytch.com/docs/b2b/guides/rbac/stytch-default */
const adminRole = 'stytch_admin'

/**
 * Whether a member may invite people. An admin at the legacy provider may not, because Stytch sends the invitation and
 * knows the roles of its own members only.
 */
export function mayInvite({
  lane,
  roles,
}: {
  lane: 'stytch' | 'legacy'
  roles: readonly string[]
}): 'yes' | 'not_an_admin' | 'legacy_lane' {
  if (lane === 'legacy') return 'legacy_lane'
  return roles.includes(adminRole) ? 'yes' : 'not_an_admin'
}
