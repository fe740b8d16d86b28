import { completeLegacySignIn } from '@/lib/cutover/session/legacy-sign-in'

/** Auth0 redirects the browser here after a login. It runs in Node, because it may end a Stytch session. */
export { completeLegacySignIn as GET }

/** Without this, Next would answer HEAD by GET, and the SDK has no answer for it. */
export const HEAD = () => new Response(null, { status: 405, headers: { allow: 'GET' } })
