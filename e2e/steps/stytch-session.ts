import type { BrowserContext } from '@playwright/test'
import { urls } from '../../sandbox/settings.ts'
import { stytch } from '../world/stytch.ts'

/** Creates sessions at Stytch without a login, with the cookies that the app would set. */

export type StytchSessionOptions = Parameters<typeof stytch.session>[1]

export async function stytchCookies(
  email: string,
  options: StytchSessionOptions = {},
): Promise<Record<string, string>> {
  const { session_token, session_jwt } = await stytch.session(email, options)
  return { stytch_session: session_token, stytch_session_jwt: session_jwt }
}

/** Gives a browser the cookies of a new Stytch session. The app accepts it under every policy. */
export async function haveStytchSession(
  context: BrowserContext,
  email: string,
  options: StytchSessionOptions = {},
): Promise<void> {
  const cookies = Object.entries(await stytchCookies(email, options))
  await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: urls.app })))
}

/** The Stytch session cookies of a browser. */
export const stytchCookiesOf = async (context: BrowserContext) =>
  (await context.cookies(urls.app)).filter(({ name }) => name.startsWith('stytch_session'))
