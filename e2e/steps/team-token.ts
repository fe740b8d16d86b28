import { auth0 } from '../world/auth0.ts'

/** An access token of the application for teams, as a member's mobile client would hold it. */
export async function teamToken(
  email: string,
  slug?: 'acme' | 'globex',
  claims: Record<string, unknown> = {},
  signWith: 'own' | 'stranger' = 'own',
): Promise<string> {
  const { access_token } = await auth0.call<{ access_token: string }>('POST', 'token', {
    email,
    client: 'team',
    ...(slug && { organization: slug }),
    claims: { jti: crypto.randomUUID(), ...claims },
    signWith,
  })
  return access_token
}
