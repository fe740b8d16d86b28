import { safeReturnTo } from '../request/return-to'

/** The page on which a visitor chooses a team. */
export const teamHome = '/team'

/** A page of the sign-in. It would redirect to itself. */
const signInPage = /^\/team\/(?:(?:login|authenticate|auth|api|choose)|[^/?#]+\/login)(?:[/?#]|$)/i

/**
 * The path to return to after the sign-in of a team, at either provider. It must be a page of the teams, because on
 * another page the session of a team counts for nothing. Everything else becomes /team.
 */
export function safeTeamReturnTo(value: unknown): string {
  const path = safeReturnTo(value)
  const isTeamPage = /^\/team(?:[/?#]|$)/.test(path)
  return isTeamPage && !signInPage.test(path) ? path : teamHome
}

/** The path to return to after signing in to one organization. A page of another one becomes the team's own page. */
export function returnToTeam(slug: string, value: unknown): string {
  const path = safeTeamReturnTo(value)
  const [, , named] = path.split(/[/?#]/)
  return named === slug ? path : `/team/${slug}`
}
