/**
 * The start of the legacy login of a team. Use it in `<a>`, because `Link` would prefetch the address and start a login.
 * @param organization the id at the legacy provider; null to let its own page ask for the team
 */
export const legacyTeamLogin = (organization: string | null, returnTo: string): string =>
  `/team/auth/login?${new URLSearchParams({ ...(organization ? { organization } : {}), returnTo })}`
