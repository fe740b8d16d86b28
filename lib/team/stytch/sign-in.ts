import 'server-only'
import { codeMinutes, linkMinutes } from '../../stytch/sign-in'
import { callTeamStytch } from './client'
import { type MemberSignIn, memberSignInOf } from './member-sign-in'

/** The sign-in to one organization. All functions throw {StytchRefusal | ProviderFailure}. */

/** Mails a one-time code. Creates the member if the organization lets the address join. */
export async function sendEmailCode(organizationId: string, email: string): Promise<void> {
  await callTeamStytch((client) =>
    client.otps.email.loginOrSignup({
      organization_id: organizationId,
      email_address: email,
      login_expiration_minutes: codeMinutes,
      signup_expiration_minutes: codeMinutes,
    }),
  )
}

/** @param minutes how long the session will last */
export async function signInWithCode(
  organizationId: string,
  email: string,
  code: string,
  minutes: number,
): Promise<MemberSignIn> {
  return memberSignInOf(
    await callTeamStytch((client) =>
      client.otps.email.authenticate({
        organization_id: organizationId,
        email_address: email,
        code,
        session_duration_minutes: minutes,
      }),
    ),
  )
}

/** Mails a link to `url` with a token. The link works only in this browser (RFC 7636). */
export async function sendMagicLink(
  organizationId: string,
  email: string,
  url: string,
  codeChallenge: string,
): Promise<void> {
  await callTeamStytch((client) =>
    client.magicLinks.email.loginOrSignup({
      organization_id: organizationId,
      email_address: email,
      login_redirect_url: url,
      signup_redirect_url: url,
      login_expiration_minutes: linkMinutes,
      signup_expiration_minutes: linkMinutes,
      pkce_code_challenge: codeChallenge,
    }),
  )
}

/** @param codeVerifier of the browser that requested the link; null for an invitation, which no browser requested */
export async function signInWithMagicLink(
  token: string,
  codeVerifier: string | null,
  minutes: number,
): Promise<MemberSignIn> {
  return memberSignInOf(
    await callTeamStytch((client) =>
      client.magicLinks.authenticate({
        magic_links_token: token,
        session_duration_minutes: minutes,
        ...(codeVerifier ? { pkce_code_verifier: codeVerifier } : {}),
      }),
    ),
  )
}

/**
 * Opens a session in another organization of the same person. The session that is exchanged stays valid.
 * @param sessionJwt of a session that was verified. Stytch accepts it after its five minutes too.
 * https://stytch.com/docs/b2b/api/exchange-session
 */
export async function switchOrganization(
  sessionJwt: string,
  organizationId: string,
  minutes: number,
): Promise<MemberSignIn> {
  return memberSignInOf(
    await callTeamStytch((client) =>
      client.sessions.exchange({
        session_jwt: sessionJwt,
        organization_id: organizationId,
        session_duration_minutes: minutes,
      }),
    ),
  )
}

/**
 * Invites a person by mail. `url` is as for {@link sendMagicLink}.
 * @param sessionToken of the member who invites. Stytch refuses one who is no admin any more, though the JWT says so
 *   for five more minutes.
 */
export async function inviteMember(
  organizationId: string,
  email: string,
  url: string,
  sessionToken: string,
): Promise<void> {
  await callTeamStytch((client) =>
    client.magicLinks.email.invite(
      { organization_id: organizationId, email_address: email, invite_redirect_url: url },
      { authorization: { session_token: sessionToken } },
    ),
  )
}
