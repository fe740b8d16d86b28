import { safeReturnTo } from '../../request/return-to'

/** The page on which a visitor chooses a team. */
export const teamHome = '/team'

/**
 * The path to return to after the sign-in of a team. It must be a page of the teams, because on another page the
 * session of a team counts for nothing. The pages of the sign-in are refused, because they would start it again.
 */
export function safeTeamReturnTo(value: unknown): string {
  const path = safeReturnTo(value)
  const [pathname = ''] = path.split(/[?#]/, 1)
  const isTeamPage = pathname === teamHome || pathname.startsWith(`${teamHome}/`)
  const isSignIn = /^\/team\/(?:login|authenticate|auth|api)(?:\/|$)/i.test(pathname)
  return isTeamPage && !isSignIn ? path : teamHome
}
