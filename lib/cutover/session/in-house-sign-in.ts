import 'server-only'
import { cookies, headers } from 'next/headers'
import { config } from '../../config'
import { errorText } from '../../error-text'
import { sessionCookieName } from '../../legacy/in-house/session'
import { SignInRefused, signIn } from '../../legacy/in-house/sessions'
import { countWrongGuesses } from '../../rate-limit/count'
import { limits } from '../../rate-limit/limits'
import { RateLimited, tooManyAttempts } from '../../rate-limit/rate-limited'
import { clientAddress, clientNetwork } from '../../request/client-address'
import { requestTime } from '../../request/clock'
import { expiredSessionCookies } from '../../stytch/cookies'
import { consumerStytchLogin } from './end-stytch-session'
import { endFormerStytchSession } from './legacy-sign-in'
import { endLegacySession } from './sign-out'

/**
 * Signs a user in at the in-house login, and sets the cookie of the session. It ends the sessions that this browser had
 * before. A Stytch session would take precedence over the new one.
 * @returns the problem to show, or null after a sign-in
 */
export async function signInInHouse(
  email: string,
  password: string,
): Promise<{ code: string; message: string } | null> {
  const [received, jar] = await Promise.all([headers(), cookies()])
  const now = requestTime(received)
  try {
    const session = await countWrongGuesses({
      network: [limits.passwordByNetwork, clientNetwork(clientAddress(received))],
      address: [limits.passwordByAddress, email],
      isWrongGuess: (error) => error instanceof SignInRefused,
      attempt: () => signIn(email, password, now),
    })
    if (!(await endFormerStytchSession(consumerStytchLogin, received))) return unavailable
    for (const cookie of expiredSessionCookies()) jar.set(cookie)
    await endLegacySession(received, jar, now)
    jar.set(sessionCookieName, session.token, {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: config().secureCookies,
      expires: session.expiresAt,
    })
    return null
  } catch (error) {
    if (error instanceof RateLimited) return { code: error.code, message: tooManyAttempts(error) }
    if (error instanceof SignInRefused) {
      return { code: error.code, message: 'The email address or the password is wrong. Try again.' }
    }
    console.error(`sign-in: the in-house login failed: ${errorText(error)}`)
    return unavailable
  }
}

const unavailable = {
  code: 'legacy_unavailable',
  message: 'We cannot sign you in now. Try again in a moment.',
}
