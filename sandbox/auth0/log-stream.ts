import { randomUUID } from 'node:crypto'
import type { Clock } from '../stand-in/clock.ts'

/**
 * Where the tenant reports changes of users. `logs` is a custom webhook of a log stream, and `events` a webhook of an
 * event stream. Both send the token in the header `Authorization`.
 */
export type LogStreamEndpoint = { url: string; token: string; format: 'logs' | 'events' }

export type LogStream = ReturnType<typeof createLogStream>

/** Sends each change once and logs a failure. Auth0 retries. */
export function createLogStream(clock: Clock, log: (line: string) => void) {
  const stream = {
    /** Null sends nothing. */
    endpoint: null as LogStreamEndpoint | null,

    /** Reports a change, after the response to the request that has made it. */
    userChanged(change: 'updated' | 'deleted', userId: string, user: object): void {
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

/** The log of the API operation. A deletion has a log of its own besides. */
function logsOf(change: 'updated' | 'deleted', userId: string, user: object, date: string) {
  const isDeleted = change === 'deleted'
  const request = {
    method: isDeleted ? 'delete' : 'patch',
    path: `/api/v2/users/${encodeURIComponent(userId)}`,
    body: user,
  }
  const description = isDeleted ? 'Delete a User' : 'Update a User'
  const operation = { date, type: 'sapi', description, details: { request } }
  const logs = [operation, ...(isDeleted ? [{ date, type: 'sdu', user_id: userId }] : [])]
  return logs.map((data) => {
    const log_id = randomUUID()
    return { log_id, data: { log_id, ...data } }
  })
}

/** A CloudEvent, with the user as they are now or were before the deletion. */
const eventOf = (change: 'updated' | 'deleted', user_id: string, user: object, time: string) => ({
  specversion: '1.0',
  type: `user.${change}`,
  source: 'urn:auth0:stand-in',
  id: `evt_${randomUUID()}`,
  time,
  data: { object: { ...user, user_id } },
})

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
