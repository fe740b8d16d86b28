import { demoPassword } from '../../sandbox/settings.ts'
import { submit } from './server-action.ts'

/** The cookie of a new session at the in-house login. It is also a Bearer token. It signs in over HTTP. */
export async function inHouseToken(email: string, password = demoPassword): Promise<string> {
  const fields = { email, password, returnTo: '/dashboard' }
  const { headers, text } = await submit('signInAtLegacy', '/auth/login', fields)
  const cookie = headers.getSetCookie().find((line) => line.startsWith('__session='))
  if (!cookie) throw new Error(`no session of ${email}: ${text}`)
  return cookie.slice('__session='.length).split(';', 1)[0] ?? ''
}
