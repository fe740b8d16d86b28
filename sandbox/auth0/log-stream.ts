import { randomUUID } from 'node:crypto'
import type { Clock } from '../stand-in/clock.ts'

/**
 * Where the tenant reports changes of users. `logs` is a custom webhook of a log stream, and `events` a webhook of an
 * event stream. Both send the token in the header `Authorization`.
 */
export type LogStreamEndpoint = { url: string; token: string; format: 'logs' | 'events' }

/**
 * What happened to a user. `created`, `updated` and `deleted` are operations of the Management API, and
 * `password_set` is an update with a password. The others happen on the tenant's pages.
 */
export type UserChange =
  | 'created'
  | 'updated'
  | 'password_set'
  | 'deleted'
  | 'signed_up'
  | 'email_verified'
  | 'password_changed'

export type LogStream = ReturnType<typeof createLogStream>

/** Sends each change once and logs a failure. Auth0 retries. */
export function createLogStream(clock: Clock, log: (line: string) => void) {
  const stream = {
    /** Null sends nothing. */
    endpoint: null as LogStreamEndpoint | null,

    /** Reports a change, after the response to the request that has made it. */
    userChanged(change: UserChange, userId: string, user: object): void {
      const { endpoint } = stream
      if (!endpoint) return
      const make = endpoint.format === 'logs' ? logsOf : eventOf
      const body = JSON.stringify(make(change, userId, user, clock.iso()))
      setImmediate(() => send(endpoint, body, log))
    },

    /** Reports that members were removed from an organization. An event stream sends an event for each. */
    membersRemoved(organizationId: string, userIds: string[]): void {
      const { endpoint } = stream
      if (!endpoint) return
      const date = clock.iso()
      const messages =
        endpoint.format === 'logs'
          ? [removalLogs(organizationId, userIds, date)]
          : userIds.map((userId) => removalEvent(organizationId, userId, date))
      for (const message of messages) {
        setImmediate(() => send(endpoint, JSON.stringify(message), log))
      }
    },
  }
  return stream
}

function removalLogs(organizationId: string, members: string[], date: string) {
  const request = {
    method: 'delete',
    path: `/api/v2/organizations/${organizationId}/members`,
    body: { members },
  }
  const description = 'Delete members from an organization'
  const log_id = randomUUID()
  return [{ log_id, data: { log_id, date, type: 'sapi', description, details: { request } } }]
}

/** https://auth0.com/docs/events/organization/organization.member.deleted */
const removalEvent = (organizationId: string, user_id: string, time: string) => ({
  specversion: '1.0',
  type: 'organization.member.deleted',
  source: 'urn:auth0:stand-in',
  id: `evt_${randomUUID()}`,
  time,
  data: { object: { organization: { id: organizationId }, user: { user_id } } },
})

/** The types of the logs of the tenant's pages. They name the user. */
const pageLogs = { signed_up: 'ss', email_verified: 'sv', password_changed: 'scp' } as const

/** The operations of the Management API. */
const operations = {
  created: { method: 'post', description: 'Create a User' },
  updated: { method: 'patch', description: 'Update a User' },
  password_set: { method: 'patch', description: 'Update a User' },
  deleted: { method: 'delete', description: 'Delete a User' },
} as const

/** The log of what happened. The deletion by the API has a log of its own besides that of the operation. */
function logsOf(change: UserChange, user_id: string, user: object, date: string) {
  const logs =
    change === 'signed_up' || change === 'email_verified' || change === 'password_changed'
      ? [{ date, type: pageLogs[change], user_id }]
      : [
          operationLog(change, user_id, user, date),
          ...(change === 'deleted' ? [{ date, type: 'sdu', user_id }] : []),
        ]
  return logs.map((data) => {
    const log_id = randomUUID()
    return { log_id, data: { log_id, ...data } }
  })
}

function operationLog(
  change: keyof typeof operations,
  user_id: string,
  user: object,
  date: string,
) {
  const { method, description } = operations[change]
  // The path of a creation has no id, so only the response names the new user.
  const isCreated = change === 'created'
  const path = `/api/v2/users${isCreated ? '' : `/${encodeURIComponent(user_id)}`}`
  const body = { ...user, ...(change === 'password_set' && { password: '*****' }) }
  const details = {
    request: { method, path, body },
    ...(isCreated && { response: { statusCode: 201, body: { ...user, user_id } } }),
  }
  return { date, type: 'sapi', description, details }
}

/** A CloudEvent, with the user as they are now or were before the deletion. Only its type says what happened. */
function eventOf(change: UserChange, user_id: string, user: object, time: string) {
  const isNew = change === 'created' || change === 'signed_up'
  return {
    specversion: '1.0',
    type: `user.${isNew ? 'created' : change === 'deleted' ? 'deleted' : 'updated'}`,
    source: 'urn:auth0:stand-in',
    id: `evt_${randomUUID()}`,
    time,
    data: { object: { ...user, user_id } },
  }
}

async function send(
  { url, token, format }: LogStreamEndpoint,
  body: string,
  log: (line: string) => void,
) {
  const authorization = format === 'events' ? `Bearer ${token}` : token
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body,
      signal: AbortSignal.timeout(5_000),
    })
    await response.arrayBuffer()
    if (!response.ok) log(`Auth0 stand-in: the log stream got status ${response.status}.`)
  } catch (error) {
    log(`Auth0 stand-in: the log stream could not be delivered (${(error as Error).name}).`)
  }
}
