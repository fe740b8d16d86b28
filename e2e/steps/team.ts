import type { BrowserContext, Page } from '@playwright/test'
import { stytch } from '../world/stytch.ts'
import { signInAtLegacy } from './sign-in-at-legacy.ts'

/** Signs in at the Auth0 stand-in, from the login page of a team. */
export const signInToTeamAtAuth0 = (page: Page, email: string, slug: string): Promise<void> =>
  signInAtLegacy(page, email, `/team/${slug}`)

/** The answer of the API of a team about the member of this browser. */
export async function memberOfBrowser(context: BrowserContext, slug: string) {
  const response = await context.request.get(`/api/team/${slug}/me`)
  return { status: response.status(), body: await response.json() }
}

/** The sessions that Stytch opened for the organization by a migration. */
export const memberMigrations = async (): Promise<number> =>
  (await stytch.requests()).filter(
    ({ path, status }) => path === '/v1/b2b/sessions/migrate' && status === 200,
  ).length
