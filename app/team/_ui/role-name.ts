/** Roles that Stytch gives by itself. https://stytch.com/docs/b2b/guides/rbac/stytch-default */
const names: Record<string, string> = { stytch_admin: 'Admin', stytch_member: 'Member' }

/** The name of a role for people. A role of the product's own is shown by its id. */
export const roleName = (id: string): string => names[id] ?? id
