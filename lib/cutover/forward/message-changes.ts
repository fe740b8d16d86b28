import 'server-only'
import { z } from 'zod'
import type { Database } from '../../db/database'
import { type ForwardJob, forwardIsOn, openForwardJobs } from './forward-jobs'

type Cause = ForwardJob['cause']

/**
 * The logs that name their user: signed up, proved the address, changed address, password or user name, deleted, and
 * released from a block. `scpr` is missing on purpose: anybody can ask for the mail that resets a password.
 * https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes
 */
const userLogs: ReadonlyMap<string, Cause> = new Map([
  ['ss', 'changed'],
  ['sv', 'changed'],
  ['sce', 'changed'],
  ['scu', 'changed'],
  ['ublkdu', 'changed'],
  ['scp', 'password'],
  ['du', 'deleted'],
  ['sdu', 'deleted'],
])

/** `sapi` is an operation of the Management API, also by the dashboard. The path or the response names the user. */
const logSchema = z.object({
  data: z.object({
    type: z.string(),
    date: z.iso.datetime().nullable().catch(null),
    user_id: z.string().optional().catch(undefined),
    details: z
      .object({
        request: z.object({
          method: z.string().toLowerCase(),
          path: z.string(),
          body: z.record(z.string(), z.unknown()).optional().catch(undefined),
        }),
        response: z
          .object({ body: z.object({ user_id: z.string() }) })
          .optional()
          .catch(undefined),
      })
      .optional()
      .catch(undefined),
  }),
})

/** An event of an event stream. Its type does not say whether the password changed. */
const eventSchema = z.object({
  type: z.enum(['user.created', 'user.updated', 'user.deleted']),
  data: z.object({ object: z.object({ user_id: z.string() }) }),
})

/**
 * The users that a message is about. It only says whom to look at.
 * @param entries of a message whose sender is verified
 */
export function changesOf(entries: unknown[]): ForwardJob[] {
  const changes = entries.flatMap((entry) => changeOf(entry) ?? [])
  const unique = new Map(changes.map((job) => [`${job.cause} ${job.subject} ${job.at}`, job]))
  return [...unique.values()]
}

function changeOf(entry: unknown): ForwardJob | null {
  const event = eventSchema.safeParse(entry).data
  if (event) {
    const cause = event.type === 'user.deleted' ? 'deleted' : 'changed'
    return { subject: event.data.object.user_id, cause, at: null }
  }
  const log = logSchema.safeParse(entry).data?.data
  if (!log) return null
  const cause = userLogs.get(log.type)
  const found = cause
    ? log.user_id && { subject: log.user_id, cause }
    : log.type === 'sapi' && operationOf(log.details)
  return found ? { ...found, at: found.cause === 'password' ? log.date : null } : null
}

type Details = NonNullable<z.infer<typeof logSchema>['data']['details']>

function operationOf(details: Details | undefined): Omit<ForwardJob, 'at'> | null {
  if (!details) return null
  const { request, response } = details
  const created = request.method === 'post' && /^\/api\/v2\/users\/?(?:\?|$)/.test(request.path)
  if (created) return response ? { subject: response.body.user_id, cause: 'changed' } : null
  const part = /^\/api\/v2\/users\/([^/?]+)/.exec(request.path)?.[1]
  const subject = part && decoded(part)
  if (!subject || request.method === 'get') return null
  const isWhole = /^\/api\/v2\/users\/[^/?]+\/?(?:\?|$)/.test(request.path)
  if (isWhole && request.method === 'delete') return { subject, cause: 'deleted' }
  const hasPassword = isWhole && request.body?.password !== undefined
  return { subject, cause: hasPassword ? 'password' : 'changed' }
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

/**
 * Prepares the jobs for a message. The caller writes them in its transaction.
 * @returns null when there is nothing to enqueue
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function prepareForward(
  entries: unknown[],
): Promise<((tx: Database) => Promise<void>) | null> {
  if (!forwardIsOn()) return null
  const jobs = changesOf(entries)
  if (jobs.length === 0) return null
  const enqueue = await openForwardJobs()
  return (tx) => enqueue(tx, jobs)
}
