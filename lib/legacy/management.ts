import 'server-only'
import { type Management, ManagementClient, ManagementError } from 'auth0'
import { z } from 'zod'
import { ProviderFailure, withDeadline } from '../provider-failure'
import { legacyConfig } from './config'

/** The legacy provider answered, and the answer is no. Only its codes: a message may repeat what was sent. */
export class LegacyRefusal extends Error {
  readonly code = 'legacy_refused'
  readonly errorCode: string
  readonly status: number
  constructor(errorCode: string, status: number) {
    super(`The legacy provider refused: ${errorCode} (status ${status}).`)
    this.name = 'LegacyRefusal'
    this.errorCode = errorCode
    this.status = status
  }
}

/** A person's record at the legacy provider. */
export type LegacyRecord = {
  /** Also the subject of its tokens. */
  id: string
  email: string
  emailVerified: boolean
  name: string
  /** Signs in with a password that is kept there, as opposed to a social or enterprise login. */
  hasPassword: boolean
}

/** How long any call may take. In milliseconds. */
const deadline = 5_000

let client: ManagementClient | undefined

function management(): ManagementClient {
  const settings = legacyConfig().management
  if (!settings) throw new Error('The Management API is not configured.')
  const { origin, host, protocol } = new URL(settings.url)
  client ??= new ManagementClient({
    domain: host,
    clientId: settings.clientId,
    clientSecret: settings.clientSecret,
    audience: `${origin}/api/v2/`,
    // The queue tries again, later and slower; a retry in here would only hold a worker.
    maxRetries: 0,
    timeoutInSeconds: deadline / 1_000,
    telemetry: false,
    // The SDK knows https only, and the stand-in has no certificate.
    ...(protocol === 'http:' && {
      fetch: (input: RequestInfo | URL, init?: RequestInit) =>
        fetch(String(input).replace(`https://${host}/`, `http://${host}/`), init),
    }),
  })
  return client
}

const failure = (
  code: ConstructorParameters<typeof ProviderFailure>[1],
  detail: string,
  retryAt: Date | null = null,
) => new ProviderFailure('legacy', code, `management: ${detail}`, retryAt)

/**
 * @throws {LegacyRefusal} the provider decided against it
 * @throws {ProviderFailure} nothing is known to have been done
 */
async function call<T>(ask: (client: ManagementClient) => PromiseLike<T>): Promise<T> {
  try {
    return await withDeadline('legacy', deadline, Promise.resolve(ask(management())))
  } catch (error) {
    throw sorted(error)
  }
}

function sorted(error: unknown): unknown {
  if (error instanceof ProviderFailure) return error
  if (!(error instanceof ManagementError) || error.statusCode === undefined) {
    return failure('unavailable', (error as Error).name)
  }
  const { statusCode: status, body, rawResponse } = error
  if (status === 429) {
    return failure('rate_limited', 'status 429', retryMoment(rawResponse?.headers ?? new Headers()))
  }
  const { errorCode } = z.object({ errorCode: z.string() }).safeParse(body).data ?? {
    errorCode: `status_${status}`,
  }
  // 401 and 403 speak of our own client's grants, which an operator can mend: the person is not at fault.
  if (status >= 500 || status === 401 || status === 403) {
    return failure('unavailable', `${errorCode} (status ${status})`)
  }
  return new LegacyRefusal(errorCode, status)
}

/**
 * When a rate limit lets us in again: `Retry-After` in seconds, else `X-RateLimit-Reset`, a Unix time.
 * https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
 */
function retryMoment(headers: { get(name: string): string | null }): Date | null {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN)
  const at = Number.isFinite(seconds) ? Date.now() + seconds * 1_000 : reset * 1_000
  // An hour at most: a header that is wrong must not stop the mirror.
  return Number.isFinite(at) ? new Date(Math.min(at, Date.now() + 3_600_000)) : null
}

const recordSchema = z.object({
  user_id: z.string().min(1),
  email: z.string().default(''),
  email_verified: z.boolean().default(false),
  name: z.string().default(''),
  identities: z.array(z.object({ provider: z.string(), connection: z.string() })).default([]),
})

function recordOf(answer: unknown): LegacyRecord {
  const parsed = recordSchema.safeParse(answer)
  if (!parsed.success) throw failure('unexpected_response', 'an answer without a user')
  const user = parsed.data
  return {
    id: user.user_id,
    email: user.email.toLowerCase(),
    emailVerified: user.email_verified,
    name: user.name,
    hasPassword: user.identities.some(
      ({ provider, connection }) =>
        provider === 'auth0' && connection === legacyConfig().connection,
    ),
  }
}

/** @returns null when there is no such record. @throws {LegacyRefusal | ProviderFailure} as all functions here */
export async function findRecord(id: string): Promise<LegacyRecord | null> {
  try {
    return recordOf(await call((api) => api.users.get(id)))
  } catch (error) {
    if (error instanceof LegacyRefusal && error.status === 404) return null
    throw error
  }
}

/** All records with an address, of whichever login. Auth0 keeps and compares addresses in lower case. */
export async function findRecordsByEmail(email: string): Promise<LegacyRecord[]> {
  const found = await call((api) => api.users.listUsersByEmail({ email: email.toLowerCase() }))
  return z.array(z.unknown()).parse(found).map(recordOf)
}

/**
 * Makes a record under an id of our choosing, so that making it twice is impossible.
 * @param localId without the `auth0|` that Auth0 puts before it
 */
export async function createRecord(
  localId: string,
  record: {
    email: string
    emailVerified: boolean
    name: string
    password: string
    metadata: Record<string, string>
  },
): Promise<void> {
  await call((api) =>
    api.users.create({
      connection: legacyConfig().connection,
      user_id: localId,
      email: record.email,
      email_verified: record.emailVerified,
      // Otherwise an address that is not verified gets a mail from a login that the person never saw.
      verify_email: false,
      name: record.name,
      password: record.password,
      app_metadata: record.metadata,
    }),
  )
}

/** The id that Auth0 makes of ours. */
export const recordId = (localId: string): string => `auth0|${localId}`

export async function updateRecord(
  id: string,
  changes: { email?: string; emailVerified?: boolean; name?: string },
): Promise<void> {
  const { email, emailVerified, name } = changes
  const patch: Management.UpdateUserRequestContent = {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email, verify_email: false }),
    ...(emailVerified !== undefined && { email_verified: emailVerified }),
  }
  await call((api) => api.users.update(id, patch))
}

/** Alone: Auth0 refuses a password together with anything about the address. */
export async function setRecordPassword(id: string, password: string): Promise<void> {
  const { connection } = legacyConfig()
  await call((api) => api.users.update(id, { password, connection }))
}

/** Nobody gets in with this record until an administrator takes it back; the metadata says whose doing it was. */
export async function blockRecord(id: string): Promise<void> {
  const app_metadata = { blocked_by_mirror: true }
  await call((api) => api.users.update(id, { blocked: true, app_metadata }))
}

/** A record that is already gone is as good. */
export async function deleteRecord(id: string): Promise<void> {
  await call((api) => api.users.delete(id))
}

/**
 * Has the legacy provider mail a link for setting a password. It belongs to the Authentication API and
 * not to the Management API; its answer is the same whether or not there is somebody with this address.
 * https://auth0.com/docs/api/authentication/change-password/change-password
 */
export async function mailSetPassword(email: string): Promise<void> {
  const { management: settings, clientId, connection, issuer } = legacyConfig()
  let response: Response
  try {
    response = await fetch(new URL('dbconnections/change_password', settings?.url ?? issuer), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: clientId, email, connection }),
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(deadline),
    })
    await response.arrayBuffer()
  } catch (error) {
    throw failure(
      (error as Error).name === 'TimeoutError' ? 'timeout' : 'unavailable',
      'change_password',
    )
  }
  if (response.ok) return
  if (response.status === 429)
    throw failure('rate_limited', 'change_password: status 429', retryMoment(response.headers))
  if (response.status >= 500)
    throw failure('unavailable', `change_password: status ${response.status}`)
  throw new LegacyRefusal('change_password', response.status)
}
