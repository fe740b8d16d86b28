import { safeReturnTo } from '../request/return-to'

/** A page of the sign-in. It would redirect to itself. */
const signInPage = /^\/team\/(?:(?:login|authenticate|auth|choose)|[^/?#]+\/login)(?:[/?#]|$)/i

/** The path of a page of teams to return to after signing in. Everything else becomes /team. */
export function safeTeamReturnTo(value: unknown): string {
  const path = safeReturnTo(value)
  const isTeamPage = /^\/team(?:[/?#]|$)/.test(path)
  return isTeamPage && !signInPage.test(path) ? path : '/team'
}

/** The path to return to after signing in to one organization. A page of another one becomes the team's own page. */
export function returnToTeam(slug: string, value: unknown): string {
  const path = safeTeamReturnTo(value)
  const [, , named] = path.split(/[/?#]/)
  return named === slug ? path : `/team/${slug}`
}
