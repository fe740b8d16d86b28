import { appEnvironment, urls } from '../../sandbox/settings.ts'
import { ask, type Credentials } from './request.ts'

/** The API of the policy. */

export const policyPath = '/api/policy'
export const controlToken = appEnvironment.CONTROL_TOKEN as string

/** The key of the edge. It can only read the policy. */
export const readerKey = appEnvironment.POLICY_READER_SECRET as string

/** The headers of a browser's request from a page of ours. */
export const ourPage = { origin: urls.app, 'sec-fetch-site': 'same-origin' }

export const everybody = { cohort: 'everybody', carrySessions: true, note: 'for all' }

/** @param body a text, which is sent unchanged, or a value, which is sent as JSON */
export const putJson = (
  body: unknown,
  credentials: Credentials = { bearer: controlToken },
  headers: Record<string, string> = {},
) =>
  ask(policyPath, {
    method: 'PUT',
    ...credentials,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

export const inForce = async () =>
  (await ask(policyPath, { bearer: controlToken })).json() as { version: number; cohort: unknown }

export const versionInForce = async () => (await inForce()).version
