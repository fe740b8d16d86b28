/** Roles that Stytch gives by itself. https://stytch.com/docs/b2b/guides/rbac/stytch-default */
const names: Record<string, string> = { stytch_admin: 'Admin', stytch_member: 'Member' }

/** The name of a role for people. The id of a role of the product's own, such as `editor`, is shown as "Editor". */
export function roleName(id: string): string {
  const text = id.replaceAll('_', ' ')
  return names[id] ?? text.charAt(0).toUpperCase() + text.slice(1)
}
