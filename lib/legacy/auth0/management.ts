import 'server-only'
import { type Management, ManagementClient, ManagementError } from 'auth0'
import { z } from 'zod'
import { normalizedEmail } from '../../account/email-address'
import { ProviderFailure, withDeadline } from '../../provider-failure'
import { auth0Config } from '../config'
import { type LegacyRecord, LegacyRefusal, recordPageSize } from '../record'
import { rateLimitEnd } from './rate-limit'

/** The deadline of each call. In milliseconds. */
const deadline = 5_000

let client: ManagementClient | undefined

function management(): ManagementClient {
  const settings = auth0Config().management
  if (!settings) throw new Error('The Management API is not configured.')
  const { origin, host, protocol } = new URL(settings.url)
  client ??= new ManagementClient({
    domain: host,
    clientId: settings.clientId,
    clientSecret: settings.clientSecret,
    audience: `${origin}/api/v2/`,
    // The queue retries with back-off. A retry here would only block a worker.
    maxRetries: 0,
    timeoutInSeconds: deadline / 1_000,
    telemetry: false,
    // The SDK calls https only, and the stand-in has no certificate.
    ...(protocol === 'http:' && {
      fetch: (input: RequestInfo | URL, init?: RequestInit) =>
        fetch(String(input).replace(`https://${host}/`, `http://${host}/`), init),
    }),
  })
  return client
}

/** A failure of a call, which a retry may not meet. */
export const failure = (
  code: ConstructorParameters<typeof ProviderFailure>[1],
  detail: string,
  retryAt: Date | null = null,
) => new ProviderFailure('legacy', code, `management: ${detail}`, retryAt)

/**
 * @throws {LegacyRefusal} the provider refused the call
 * @throws {ProviderFailure} there was no usable answer, and it is unknown whether the call had an effect
 */
export async function call<T>(ask: (client: ManagementClient) => PromiseLike<T>): Promise<T> {
  try {
    return await withDeadline('legacy', deadline, Promise.resolve(ask(management())))
  } catch (error) {
    throw typedError(error)
  }
}

/** Converts an error of the SDK into one of this app's error classes. */
function typedError(error: unknown): unknown {
  if (error instanceof ProviderFailure) return error
  if (!(error instanceof ManagementError) || error.statusCode === undefined) {
    return failure('unavailable', (error as Error).name)
  }
  const { statusCode: status, body, rawResponse } = error
  if (status === 429) {
    const headers = rawResponse?.headers ?? new Headers()
    return failure('rate_limited', 'status 429', rateLimitEnd(headers, new Date()))
  }
  const { errorCode } = z.object({ errorCode: z.string() }).safeParse(body).data ?? {
    errorCode: `status_${status}`,
  }
  // 401 and 403 are about the grants of our own client, and not about the user. An operator can correct the grants.
  if (status >= 500 || status === 401 || status === 403) {
    return failure('unavailable', `${errorCode} (status ${status})`)
  }
  return new LegacyRefusal(errorCode, status)
}

const recordSchema = z.object({
  user_id: z.string().min(1),
  email: z.string().default(''),
  email_verified: z.boolean().default(false),
  name: z.string().default(''),
  blocked: z.boolean().default(false),
  app_metadata: z
    .object({ blocked_by_mirror: z.boolean().catch(false) })
    .catch({ blocked_by_mirror: false }),
  multifactor: z.array(z.unknown()).default([]),
  last_password_reset: z.coerce.date().nullish().catch(null),
  identities: z.array(z.object({ provider: z.string(), connection: z.string() })).default([]),
})

function recordOf(answer: unknown): LegacyRecord {
  const parsed = recordSchema.safeParse(answer)
  if (!parsed.success) throw failure('unexpected_response', 'an answer without a user')
  const user = parsed.data
  return {
    id: user.user_id,
    email: normalizedEmail(user.email),
    emailVerified: user.email_verified,
    name: user.name,
    blocked: !user.blocked ? 'no' : user.app_metadata.blocked_by_mirror ? 'by_mirror' : 'yes',
    hasSecondFactor: user.multifactor.length > 0,
    passwordSetAt: user.last_password_reset ?? null,
    hasPassword: user.identities.some(
      ({ provider, connection }) => provider === 'auth0' && connection === auth0Config().connection,
    ),
  }
}

/** @returns null when the record does not exist. @throws {LegacyRefusal | ProviderFailure} as all functions here */
export async function findRecord(id: string): Promise<LegacyRecord | null> {
  try {
    return recordOf(await call((api) => api.users.get(id)))
  } catch (error) {
    if (error instanceof LegacyRefusal && error.status === 404) return null
    throw error
  }
}

/**
 * One page of a search. It may miss the changes of the last seconds.
 * @param query in Lucene's syntax. https://auth0.com/docs/manage-users/user-search/user-search-query-syntax
 */
export async function searchRecords(query: string, page = 0): Promise<LegacyRecord[]> {
  const found = await call((api) =>
    api.users.list({ q: query, search_engine: 'v3', page, per_page: recordPageSize }),
  )
  return found.data.map(recordOf)
}

/** All records with an address, of every kind of login. Auth0 stores and compares addresses in lower case. */
export async function findRecordsByEmail(email: string): Promise<LegacyRecord[]> {
  const found = await call((api) => api.users.listUsersByEmail({ email: normalizedEmail(email) }))
  return z.array(z.unknown()).parse(found).map(recordOf)
}

/**
 * Creates a record with an id of our choice, so that a retry cannot create a second one.
 * @param localId without the prefix `auth0|`, which Auth0 adds
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
      connection: auth0Config().connection,
      user_id: localId,
      email: record.email,
      email_verified: record.emailVerified,
      // Otherwise Auth0 would send a mail to an unverified address, though the user has never used this login.
      verify_email: false,
      name: record.name,
      password: record.password,
      app_metadata: record.metadata,
    }),
  )
}

/** The id that Auth0 gives to a record with this local id. */
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

/** Sets the password and nothing else: Auth0 refuses a password together with a change of the address. */
export async function setRecordPassword(id: string, password: string): Promise<void> {
  const { connection } = auth0Config()
  await call((api) => api.users.update(id, { password, connection }))
}

/** Blocks sign-ins with this record until an administrator unblocks it. The metadata names the mirror as the cause. */
export async function blockRecord(id: string): Promise<void> {
  const app_metadata = { blocked_by_mirror: true }
  await call((api) => api.users.update(id, { blocked: true, app_metadata }))
}

/** Deletes a record. Auth0 answers with success when there is none. */
export async function deleteRecord(id: string): Promise<void> {
  await call((api) => api.users.delete(id))
}

/**
 * Makes the legacy provider mail a link to set a password. This is a call of the Authentication API and not of the
 * Management API. Its answer does not say whether a user has this address.
 * https://auth0.com/docs/api/authentication/change-password/change-password
 */
export async function mailSetPassword(email: string): Promise<void> {
  const { management: settings, clientId, connection, issuer } = auth0Config()
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
    throw failure(
      'rate_limited',
      'change_password: status 429',
      rateLimitEnd(response.headers, new Date()),
    )
  if (response.status >= 500)
    throw failure('unavailable', `change_password: status ${response.status}`)
  throw new LegacyRefusal('change_password', response.status)
}
