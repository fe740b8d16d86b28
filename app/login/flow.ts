import 'server-only'
import { cookies } from 'next/headers'
import type { Flow } from '@/lib/cutover/cohort'
import { flagCookieName, openFlag } from '@/lib/cutover/flag-cookie'

/** The login that this device is shown, from its sealed flag cookie; the middleware keeps it in step with the policy. */
export async function loginFlow(): Promise<Flow> {
  const flag = await openFlag((await cookies()).get(flagCookieName)?.value)
  return flag?.flow ?? 'legacy'
}
