import type { BrowserContext } from '@playwright/test'
import { urls } from '../../sandbox/settings.ts'
import { stytch } from '../world/stytch.ts'

/** Creates sessions of members at Stytch without a login, with the cookies that the app would set. */
export async function memberSessionCookies(
  email: string,
  organization: string,
): Promise<Record<string, string>> {
  const { session_token, session_jwt } = await stytch.call<{
    session_token: string
    session_jwt: string
  }>('POST', 'b2b/session', { email, organization })
  return { stytch_b2b_session: session_token, stytch_b2b_session_jwt: session_jwt }
}

/** Gives a browser the cookies of a new session of a member. */
export async function haveMemberSession(
  context: BrowserContext,
  email: string,
  organization: string,
): Promise<void> {
  const cookies = Object.entries(await memberSessionCookies(email, organization))
  await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: urls.app })))
}
