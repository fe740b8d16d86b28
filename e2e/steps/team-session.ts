import { decodeJwt } from 'jose'
import { sealLegacySession } from '../../sandbox/auth0/sealed-session.ts'
import { appEnvironment } from '../../sandbox/settings.ts'
import { auth0 } from '../world/auth0.ts'

/** The cookie of a new legacy session of a member, as Auth0's SDK would set it after the login of the team. */
export async function teamCookies(
  email: string,
  slug: 'acme' | 'globex',
): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1_000)
  const grant = await auth0.call<{
    refresh_token: string
    access_token: string
    id_token: string
    expires_in: number
  }>('POST', 'refresh-token', { email, organization: slug, client: 'team' })
  const { sub, org_id, org_name, email_verified, name, sid } = decodeJwt(grant.id_token)
  const sealed = await sealLegacySession(
    {
      user: { sub: String(sub), email, email_verified, name, org_id, org_name },
      tokenSet: {
        accessToken: grant.access_token,
        idToken: grant.id_token,
        refreshToken: grant.refresh_token,
        scope: 'openid profile email offline_access',
        requestedScope: 'openid profile email offline_access',
        audience: appEnvironment.AUTH0_AUDIENCE,
        expiresAt: now + grant.expires_in,
      },
      internal: { sid: String(sid ?? crypto.randomUUID()), createdAt: now },
    },
    appEnvironment.AUTH0_TEAM_SECRET as string,
    now + 3 * 24 * 60 * 60,
  )
  if (sealed.length <= 3_500) return { __team_session: sealed }
  const chunks = sealed.match(/.{1,3500}/g) ?? []
  return Object.fromEntries(chunks.map((chunk, index) => [`__team_session__${index}`, chunk]))
}
