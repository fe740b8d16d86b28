import 'server-only'
import { redirect } from 'next/navigation'
import { config } from '@/lib/config'
import { chooseOrganization, type Discovery } from '@/lib/team/stytch/discovery'
import { completeTeamSignIn } from './complete-team-sign-in'
import { savePendingTeamSignIn } from './pending-team-sign-in'

/**
 * Goes on after a person has proved an address: into the only team that they are a member of, or to the choice.
 * @throws {StytchRefusal | ProviderFailure} and the error of `redirect`, so it never returns
 */
export async function continueDiscovery(
  { intermediateToken, email, organizations }: Discovery,
  method: string,
  returnTo: string,
): Promise<never> {
  await savePendingTeamSignIn({ email, returnTo, slug: null, intermediateToken })
  const [only, ...others] = organizations
  if (only?.relation !== 'member' || others.length > 0) redirect('/team/choose')
  const { sessionDurationMinutes } = config()
  const result = await chooseOrganization(intermediateToken, only.id, sessionDurationMinutes)
  return completeTeamSignIn(result, method, returnTo)
}
