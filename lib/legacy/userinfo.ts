import { z } from 'zod'
import { ProviderFailure } from '../provider-failure'
import { legacyConfig } from './config'

const userinfoSchema = z.object({
  sub: z.string().min(1),
  email: z.email().optional(),
  // Some enterprise connections write it as a string.
  email_verified: z.union([z.boolean(), z.stringbool()]).default(false),
  name: z.string().optional(),
})

/** What the legacy provider says of a person right now (OpenID Connect Core section 5.3). */
export type Userinfo = { subject: string; email: string; emailVerified: boolean; name: string }

/**
 * Asks the same endpoint that Stytch will ask, so that what we check is what Stytch will match by.
 * Auth0 allows five of these a minute for a person.
 *
 * @returns null when the provider refuses the token or knows no usable address
 * @throws {ProviderFailure} when there is no answer to go by
 */
export async function fetchUserinfo(accessToken: string): Promise<Userinfo | null> {
  let response: Response
  let body: unknown
  try {
    response = await fetch(`${legacyConfig().issuer}userinfo`, {
      headers: { authorization: `Bearer ${accessToken}` },
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(3_000),
    })
    if (response.status === 401 || response.status === 403) return null
    if (response.status === 429)
      throw new ProviderFailure('legacy', 'rate_limited', 'userinfo: status 429')
    if (!response.ok)
      throw new ProviderFailure('legacy', 'unavailable', `userinfo: status ${response.status}`)
    body = await response.json()
  } catch (error) {
    if (error instanceof ProviderFailure) throw error
    const { name } = error as Error
    const code =
      name === 'TimeoutError'
        ? 'timeout'
        : name === 'SyntaxError'
          ? 'unexpected_response'
          : 'unavailable'
    throw new ProviderFailure('legacy', code, `userinfo: ${(error as Error).message}`)
  }
  const parsed = userinfoSchema.safeParse(body)
  if (!parsed.success)
    throw new ProviderFailure(
      'legacy',
      'unexpected_response',
      'userinfo: not what OpenID Connect describes',
    )
  const { sub, email, email_verified, name } = parsed.data
  if (!email) return null
  return {
    subject: sub,
    email: email.toLowerCase(),
    emailVerified: email_verified,
    name: name ?? email,
  }
}
