import 'server-only'
import { z } from 'zod'
import { type Database, inTransaction } from '../../db/database'
import { isSameSecret } from '../api/is-same-secret'
import { cutoverConfig } from '../config'
import { mirrorIsOn } from '../mirror/enqueue'
import { type LegacyMember, openRevocationJobs, type RevocationJob } from './jobs'
import { knownLegacyUsers } from './known-users'
import { hasTeams } from './members'

/** Reasons to refuse a message. The codes are stable, because responses and tests contain them. */
export type Auth0WebhookRefusal = 'webhook_closed' | 'secret_wrong' | 'message_malformed'

export type Auth0WebhookAnswer =
  | { accepted: true; result: 'enqueued' | 'ignored' }
  | { accepted: false; code: Auth0WebhookRefusal }

/**
 * A log of a log stream. `sapi` is an operation of the Management API, also by the dashboard. Its `user_id` is the
 * administrator's, so the path names the user. https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes
 */
const logSchema = z.object({
  data: z.object({
    type: z.string(),
    user_id: z.string().optional().catch(undefined),
    details: z
      .object({
        request: z.object({ method: z.string(), path: z.string(), body: z.unknown().optional() }),
      })
      .optional()
      .catch(undefined),
  }),
})
/** Logs that a user was deleted. */
const deletionLogs = ['du', 'sdu']
/** Logs about the user in `user_id`: deleted, and released from a block. */
const userLogs = [...deletionLogs, 'ublkdu']

/** A user that a message is about, and whether it reports a deletion. */
type NamedUser = { subject: string; mayBeDeleted: boolean }

/** An event of an event stream, in the form of CloudEvents. https://auth0.com/docs/customize/events */
const userEvent = z
  .object({
    type: z.enum(['user.updated', 'user.deleted']),
    data: z.object({ object: z.object({ user_id: z.string() }) }),
  })
  .transform(
    ({ type, data }): NamedUser => ({
      subject: data.object.user_id,
      mayBeDeleted: type === 'user.deleted',
    }),
  )
/** https://auth0.com/docs/events/organization/organization.member.deleted */
const removalEvent = z
  .object({
    type: z.literal('organization.member.deleted'),
    data: z.object({
      object: z.object({
        organization: z.object({ id: z.string() }),
        user: z.object({ user_id: z.string() }),
      }),
    }),
  })
  .transform(({ data: { object } }): LegacyMember[] => [
    { subject: object.user.user_id, legacyOrganizationId: object.organization.id },
  ])
/** The body of the operation that removes members. */
const removalBody = z.object({ members: z.array(z.string()) })

/** Prepares what else a message enqueues, and returns what the transaction writes. Null if it is nothing. */
type Prepare = (entries: unknown[]) => Promise<((tx: Database) => Promise<void>) | null>

/**
 * Receives a message of Auth0's log stream or event stream. Only the ids of its users count: a job reads each record
 * at Auth0, because messages arrive late, twice and in any order. Users without an account are ignored.
 *
 * @param prepare called with the entries of a verified message. The route passes the forward writes.
 * @throws {DatabaseUnavailable} and driver errors. The route must then answer with an error, so that Auth0 retries.
 */
export async function receiveAuth0Webhook(
  headers: { get(name: string): string | null },
  body: string,
  prepare: Prepare | null = null,
): Promise<Auth0WebhookAnswer> {
  const { legacyWebhookSecret } = cutoverConfig()
  if (!legacyWebhookSecret || !mirrorIsOn()) return { accepted: false, code: 'webhook_closed' }
  // A log stream sends the token alone, and an event stream as a Bearer token.
  const given = (headers.get('authorization') ?? '').replace(/^Bearer /i, '')
  if (!isSameSecret(given, legacyWebhookSecret)) return { accepted: false, code: 'secret_wrong' }
  const entries = entriesOf(body)
  if (!entries) return { accepted: false, code: 'message_malformed' }

  const named = new Map<string, boolean>()
  for (const { subject, mayBeDeleted } of entries.flatMap((entry) => userOf(entry) ?? [])) {
    named.set(subject, mayBeDeleted || (named.get(subject) ?? false))
  }
  const removed = hasTeams() ? entries.flatMap(removedMembersOf) : []
  const known = new Set(
    await knownLegacyUsers([...named.keys(), ...removed.map((each) => each.subject)]),
  )
  const jobs: RevocationJob[] = [
    ...[...named].map(([subject, mayBeDeleted]) => ({
      kind: 'record' as const,
      subject,
      mayBeDeleted,
    })),
    ...removed.map((member) => ({ kind: 'membership' as const, ...member })),
  ].filter(({ subject }) => known.has(subject))
  const alongside = (await prepare?.(entries)) ?? null
  if (jobs.length === 0 && !alongside) return { accepted: true, result: 'ignored' }
  const enqueue = await openRevocationJobs()
  await inTransaction(async (tx) => {
    for (const job of jobs) await enqueue(tx, job)
    await alongside?.(tx)
  })
  return { accepted: true, result: 'enqueued' }
}

/** The entries of a message: a list, one object, or one JSON text a line, as the stream is set up. */
function entriesOf(body: string): unknown[] | null {
  const whole = parseJson(body)
  const lines = body.trim().split('\n')
  const parsed = whole === undefined ? lines.map(parseJson) : [whole].flat()
  return parsed.every((entry) => typeof entry === 'object' && entry !== null) ? parsed : null
}

/** The user that an entry is about. Null for an entry of another kind. */
function userOf(entry: unknown): NamedUser | null {
  const event = userEvent.safeParse(entry).data
  if (event) return event
  const log = logSchema.safeParse(entry).data?.data
  if (!log) return null
  if (userLogs.includes(log.type)) {
    return log.user_id
      ? { subject: log.user_id, mayBeDeleted: deletionLogs.includes(log.type) }
      : null
  }
  const method = log.details?.request.method.toLowerCase()
  if (log.type !== 'sapi' || method === 'get') return null
  const [, part = '', rest = ''] =
    /^\/api\/v2\/users\/([^/?]+)(.*)/.exec(log.details?.request.path ?? '') ?? []
  const subject = decoded(part)
  return subject ? { subject, mayBeDeleted: method === 'delete' && !/^\/[^?]/.test(rest) } : null
}

/** The members that an entry says were removed from an organization. */
function removedMembersOf(entry: unknown): LegacyMember[] {
  const event = removalEvent.safeParse(entry).data
  if (event) return event
  const log = logSchema.safeParse(entry).data?.data
  const request = log?.details?.request
  if (log?.type !== 'sapi' || request?.method.toLowerCase() !== 'delete') return []
  const id = /^\/api\/v2\/organizations\/([^/?]+)\/members(?:\?|$)/.exec(request.path)?.[1]
  const legacyOrganizationId = id && decoded(id)
  const { members = [] } = removalBody.safeParse(request.body).data ?? {}
  return legacyOrganizationId ? members.map((subject) => ({ subject, legacyOrganizationId })) : []
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
