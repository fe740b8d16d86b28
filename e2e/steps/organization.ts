import { auth0 } from '../world/auth0.ts'
import { legacyCookies } from './legacy-session.ts'

/** Legacy sessions in an organization. */

export const membership = (slug: 'acme' | 'globex') => ({
  org_id: slug === 'acme' ? 'org_acme000000000001' : 'org_globex0000000001',
  org_name: slug,
})

export const memberToken = (email: string, slug: 'acme' | 'globex') =>
  auth0.token(email, { claims: membership(slug) })

export const memberCookies = async (email: string, slug: 'acme' | 'globex') =>
  legacyCookies(email, { accessToken: await memberToken(email, slug) })
