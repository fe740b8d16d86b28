import { z } from 'zod'
import { isEmailAddress, normalizedEmail } from '../../account/email-address'
import { ProviderFailure } from '../../provider-failure'
import { legacyConfig } from '../config'

const userinfoSchema = z.object({
  sub: z.string().min(1),
  // Accepts any text, because a user with an unusual address must not be refused.
  email: z.string().default(''),
  // Some enterprise connections send this boolean as text.
  email_verified: z.union([z.boolean(), z.stringbool()]).default(false),
  name: z.string().optional(),
})

/** A user's current profile at the legacy provider (OpenID Connect Core section 5.3). */
export type Userinfo = { subject: string; email: string; emailVerified: boolean; name: string }

/** The legacy provider refuses the access token. */
export class UserinfoRefused extends Error {
  readonly code = 'userinfo_refused'
  /** Whether the user was deleted or blocked. False when the token may not read the profile (status 403). */
  readonly isUserGone: boolean
  constructor(status: number) {
    super(`The legacy provider refuses the access token: userinfo answers status ${status}.`)
    this.name = 'UserinfoRefused'
    this.isUserGone = status !== 403
  }
}

/**
 * Calls the endpoint that Stytch calls during a migration. So the app checks the same address by which Stytch finds
 * the user. Auth0 allows five calls a minute for a user.
 *
 * @throws {UserinfoRefused}
 * @throws {ProviderFailure} when there is no usable answer
 */
export async function fetchUserinfo(accessToken: string): Promise<Userinfo> {
  const parsed = userinfoSchema.safeParse(await askUserinfo(accessToken))
  if (!parsed.success) throw failure('unexpected_response', 'not what OpenID Connect describes')
  const { sub, email, email_verified, name } = parsed.data
  return {
    subject: sub,
    email: normalizedEmail(email),
    emailVerified: email_verified && isEmailAddress(email),
    name: name ?? email,
  }
}

async function askUserinfo(accessToken: string): Promise<unknown> {
  try {
    const response = await fetch(`${legacyConfig().issuer}userinfo`, {
      headers: { authorization: `Bearer ${accessToken}` },
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(3_000),
    })
    const { status } = response
    if (status === 401 || status === 403 || status === 404) throw new UserinfoRefused(status)
    if (status === 429) throw failure('rate_limited', 'status 429')
    if (!response.ok) throw failure('unavailable', `status ${status}`)
    return await response.json()
  } catch (error) {
    if (error instanceof ProviderFailure || error instanceof UserinfoRefused) throw error
    const { name, message } = error as Error
    if (name === 'TimeoutError') throw failure('timeout', message)
    throw failure(name === 'SyntaxError' ? 'unexpected_response' : 'unavailable', message)
  }
}

const failure = (code: ProviderFailure['code'], detail: string): ProviderFailure =>
  new ProviderFailure('legacy', code, `userinfo: ${detail}`)
