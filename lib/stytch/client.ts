import { Client, StytchError } from 'stytch'
import { config } from '../config'
import { ProviderFailure, withDeadline } from '../provider-failure'

let client: Client | undefined

function stytch(): Client {
  const { projectId, secret, apiUrl } = config().stytch
  client ??= new Client({ project_id: projectId, secret, env: `${apiUrl}/` })
  return client
}

/** Stytch refuses a call. Code branches on `errorType`, which is Stytch's own. */
export class StytchRefusal extends Error {
  readonly code = 'stytch_refused'
  readonly errorType: string
  readonly status: number
  constructor(errorType: string, status: number) {
    super(
      `Stytch refused: ${errorType} (status ${status}). https://stytch.com/docs/api/errors/${status}#${errorType}`,
    )
    this.name = 'StytchRefusal'
    this.errorType = errorType
    this.status = status
  }
}

/** The deadline of each call. In milliseconds. */
const stytchDeadlineMilliseconds = 3_000

/**
 * Calls Stytch with our deadline.
 * @throws {StytchRefusal} Stytch refused the call
 * @throws {ProviderFailure} there was no usable answer: timeout, rate limit, outage or garbage
 */
export async function callStytch<T>(
  call: (client: Client) => Promise<T>,
  deadlineMilliseconds?: number,
): Promise<T> {
  return answerOf(call(stytch()), deadlineMilliseconds)
}

/** The answer to a call of Stytch's SDK, with our deadline and typed errors. Throws as {@link callStytch} does. */
export async function answerOf<T>(
  call: Promise<T>,
  deadlineMilliseconds = stytchDeadlineMilliseconds,
): Promise<T> {
  try {
    return await withDeadline('stytch', deadlineMilliseconds, call)
  } catch (error) {
    throw typedError(error)
  }
}

/** Converts an error of the SDK into one of this app's error classes. */
function typedError(error: unknown): unknown {
  if (error instanceof ProviderFailure) return error
  // A RequestError or TypeError means that the network failed, or that the answer did not come from Stytch.
  if (!(error instanceof StytchError)) {
    return new ProviderFailure('stytch', 'unavailable', String((error as Error).message))
  }
  const { status_code: status, error_type: type } = error
  if (typeof type !== 'string' || typeof status !== 'number') {
    return new ProviderFailure('stytch', 'unexpected_response', 'an error without a type')
  }
  if (status === 429) return new ProviderFailure('stytch', 'rate_limited', type)
  if (status >= 500)
    return new ProviderFailure('stytch', 'unavailable', `${type} (status ${status})`)
  return new StytchRefusal(type, status)
}
