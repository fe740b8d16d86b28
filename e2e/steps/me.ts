import type { BrowserContext } from '@playwright/test'

/** The answer of /api/me about the user of this browser. */
export async function me(context: BrowserContext) {
  const response = await context.request.get('/api/me')
  return { status: response.status(), body: await response.json() }
}

/** The lane that this browser's session is on, if it has one. */
export const laneOf = async (context: BrowserContext): Promise<string | undefined> =>
  (await me(context)).body.session?.lane
