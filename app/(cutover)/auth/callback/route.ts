import { completeLegacySignIn } from '@/lib/cutover/session/legacy-sign-in'

/** Auth0 redirects the browser here after a login. It runs in Node, because it may end a Stytch session. */
export { completeLegacySignIn as GET }
