import { B2BClient } from 'stytch'
import { config } from '../../config'
import { answerOf } from '../../stytch/client'
import { teamConfig } from '../config'

/** The app has no B2B project at Stytch. Pages answer 404 then, so only a mistake in the app meets this error. */
export class TeamsNotConfigured extends Error {
  readonly code = 'teams_not_configured'
  constructor() {
    super('Teams need STYTCH_B2B_PROJECT_ID, STYTCH_B2B_SECRET and STYTCH_B2B_PUBLIC_TOKEN.')
    this.name = 'TeamsNotConfigured'
  }
}

/** The keys of the B2B project. @throws {TeamsNotConfigured} */
export function teamProjectKeys() {
  const { stytch } = teamConfig()
  if (!stytch) throw new TeamsNotConfigured()
  return stytch
}

let client: B2BClient | undefined

function stytch(): B2BClient {
  const { projectId, secret } = teamProjectKeys()
  client ??= new B2BClient({
    project_id: projectId,
    secret,
    env: `${config().stytch.apiUrl}/`,
  })
  return client
}

/**
 * Calls the B2B API of Stytch with our deadline.
 * @throws {StytchRefusal} Stytch refused the call
 * @throws {ProviderFailure} there was no usable answer: timeout, rate limit, outage or garbage
 */
export const callTeamStytch = <T>(
  call: (client: B2BClient) => Promise<T>,
  deadlineMilliseconds?: number,
): Promise<T> => answerOf(call(stytch()), deadlineMilliseconds)
