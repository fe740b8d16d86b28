import { goodPassword } from './login.ts'
import type { Asked } from './request.ts'
import { submit } from './server-action.ts'

/** Signs in by posting to the server actions of the login. A script of an attacker needs no browser. */

/** Asks for a code. `cookies` holds the pending sign-in, if the app sent a code. */
export async function requestCode(email: string, asked: Asked = {}) {
  const answer = await submit('requestCode', '/login', { email, returnTo: '/dashboard' }, asked)
  const cookies = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0])
  return { ...answer, cookies: cookies.join('; ') }
}

export const tryCode = (cookies: string, code: string, asked: Asked = {}) =>
  submit('verifyCode', '/login?step=code', { code, returnTo: '/dashboard' }, { ...asked, cookies })

export const tryPassword = (email: string, password: string, asked: Asked = {}) =>
  submit(
    'signInWithPassword',
    '/login?with=password',
    { email, password, returnTo: '/dashboard' },
    asked,
  )

export const signUp = (email: string, asked: Asked = {}) =>
  submit(
    'signUpWithPassword',
    '/login?with=signup',
    { email, password: goodPassword, returnTo: '/dashboard' },
    asked,
  )
