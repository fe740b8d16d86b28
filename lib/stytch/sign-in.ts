import 'server-only'
import { z } from 'zod'
import { normalizedEmail } from '../account/email-address'
import { ProviderFailure } from '../provider-failure'
import { callStytch } from './client'
import { type OpenedSession, openedSessionOf } from './opened-session'
import { type StytchUser, stytchUserOf } from './users'

/** A user who has just signed in, and the new session. */
export type SignedIn = OpenedSession & { user: StytchUser }

/** @throws {ProviderFailure} when the answer is not what Stytch describes */
export function signedInOf(answer: unknown): SignedIn {
  const opened = openedSessionOf(answer)
  const user = stytchUserOf(z.object({ user: z.unknown() }).safeParse(answer).data?.user)
  if (user.id !== opened.subject) {
    throw new ProviderFailure('stytch', 'unexpected_response', 'the session is of another user')
  }
  return { ...opened, user }
}

/** Makes a call that signs a user in. */
const signIn = async (call: Parameters<typeof callStytch>[0]): Promise<SignedIn> =>
  signedInOf(await callStytch(call))

/** How long codes and links are valid, as the pages say. Stytch's defaults differ. */
export const codeMinutes = 10
export const linkMinutes = 60

/**
 * Mails a one-time code. Creates the user if the address is new.
 * @returns the method id, which the sign-in needs with the code
 * @throws {StytchRefusal | ProviderFailure} as all functions here
 */
export async function sendEmailCode(email: string): Promise<string> {
  const sent = await callStytch((client) =>
    client.otps.email.loginOrCreate({ email, expiration_minutes: codeMinutes }),
  )
  return z.string().min(1).parse(sent.email_id)
}

/** @param minutes how long the session will last */
export async function signInWithCode(
  methodId: string,
  code: string,
  minutes: number,
): Promise<SignedIn> {
  return signIn((client) =>
    client.otps.authenticate({ method_id: methodId, code, session_duration_minutes: minutes }),
  )
}

/** Mails a link to `url` with a token. The link works only in this browser (RFC 7636). */
export async function sendMagicLink(
  email: string,
  url: string,
  codeChallenge: string,
): Promise<void> {
  await callStytch((client) =>
    client.magicLinks.email.loginOrCreate({
      email,
      login_magic_link_url: url,
      signup_magic_link_url: url,
      login_expiration_minutes: linkMinutes,
      signup_expiration_minutes: linkMinutes,
      code_challenge: codeChallenge,
    }),
  )
}

/** @param codeVerifier of the browser that requested the link; null if it requested the link without PKCE */
export async function signInWithMagicLink(
  token: string,
  codeVerifier: string | null,
  minutes: number,
): Promise<SignedIn> {
  return signIn((client) =>
    client.magicLinks.authenticate({
      token,
      session_duration_minutes: minutes,
      ...(codeVerifier ? { code_verifier: codeVerifier } : {}),
    }),
  )
}

/**
 * Signs in with the token of an OAuth redirect. Such a session proves no address, so it opens no account by address.
 * @param codeVerifier as for {@link signInWithMagicLink}
 */
export async function signInWithOAuth(
  token: string,
  codeVerifier: string | null,
  minutes: number,
): Promise<SignedIn> {
  return signIn(async (client) => {
    const { user_session: session, ...answer } = await client.oauth.authenticate({
      token,
      session_duration_minutes: minutes,
      ...(codeVerifier ? { code_verifier: codeVerifier } : {}),
    })
    return { ...answer, session }
  })
}

export async function signInWithPassword(
  email: string,
  password: string,
  minutes: number,
): Promise<SignedIn> {
  return signIn((client) =>
    client.passwords.authenticate({ email, password, session_duration_minutes: minutes }),
  )
}

export async function signUpWithPassword(
  email: string,
  password: string,
  minutes: number,
): Promise<SignedIn> {
  return signIn((client) =>
    client.passwords.create({ email, password, session_duration_minutes: minutes }),
  )
}

/** Mails a link to set a new password. `url` is as for {@link sendMagicLink}. */
export async function sendPasswordReset(
  email: string,
  url: string,
  codeChallenge: string,
): Promise<void> {
  await callStytch((client) =>
    client.passwords.email.resetStart({
      email,
      reset_password_redirect_url: url,
      reset_password_expiration_minutes: linkMinutes,
      login_redirect_url: url,
      code_challenge: codeChallenge,
    }),
  )
}

/** @param requested the request of this browser for the mail. Null if it made none. */
export async function setNewPassword(
  token: string,
  password: string,
  requested: { email: string; codeVerifier?: string } | null,
  minutes: number,
): Promise<SignedIn> {
  const code_verifier = requested?.codeVerifier
  const signedIn = await signIn((client) =>
    client.passwords.email.reset({
      token,
      password,
      session_duration_minutes: minutes,
      ...(code_verifier ? { code_verifier } : {}),
    }),
  )
  // Stytch lists only the password as a factor. The verifier shows that the token came from the mail that this browser
  // requested, so the session proves that address. Another address of the user may be an attacker's.
  if (!requested || !code_verifier) return signedIn
  const emails = [normalizedEmail(requested.email)]
  return { ...signedIn, factors: { ...signedIn.factors, emails } }
}

/** The session and the user behind a session token. */
export async function signedInByToken(sessionToken: string): Promise<SignedIn> {
  return signedInOf(
    await callStytch((client) => client.sessions.authenticate({ session_token: sessionToken })),
  )
}
