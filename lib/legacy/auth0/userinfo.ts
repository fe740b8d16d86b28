import { z } from 'zod'
import { isEmailAddress, normalizedEmail } from '../../account/email-address'
import { ProviderFailure } from '../../provider-failure'
import { auth0Config } from '../config'
import { type Userinfo, UserinfoRefused } from '../userinfo'

const userinfoSchema = z.object({
  sub: z.string().min(1),
  // Accepts any text, because a user with an unusual address must not be refused.
  email: z.string().default(''),
  // Some enterprise connections send this boolean as text.
  email_verified: z.union([z.boolean(), z.stringbool()]).default(false),
  name: z.string().optional(),
})

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
    const response = await fetch(`${auth0Config().issuer}userinfo`, {
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
