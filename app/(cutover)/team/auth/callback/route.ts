import { completeTeamLegacySignIn } from '@/lib/cutover/team/legacy-sign-in'

/** Auth0 redirects the browser of a member here after a login. */
export { completeTeamLegacySignIn as GET }

/** Without this, Next would answer HEAD by GET, and the SDK has no answer for it. */
export const HEAD = () => new Response(null, { status: 405, headers: { allow: 'GET' } })
