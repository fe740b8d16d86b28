import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'
import type { Clock } from '../stand-in/clock.ts'

export type ExportRequest = {
  connection_id?: string
  format: 'json'
  limit?: number
  fields: { name: string; export_as?: string }[]
}

export type ExportJob = {
  id: string
  request: ExportRequest
  createdAt: number
  status: 'pending' | 'completed'
  /** The packed file of a completed job. */
  file: Buffer
  /** By token, when the download link stops working. */
  links: Map<string, number>
}

/** Both are documented by Auth0: https://auth0.com/docs/manage-users/user-migration/bulk-user-exports */
const linkMs = 60_000
const jobMs = 24 * 3_600_000

export type ExportJobs = ReturnType<typeof createExportJobs>

/** Jobs that export all users. A job is pending when it is asked for the first time, and then completed. */
export function createExportJobs(clock: Clock) {
  const jobs = new Map<string, ExportJob>()
  const asked = new Set<string>()

  const find = (id: string): ExportJob | undefined => {
    const job = jobs.get(id)
    return job && clock.now() < job.createdAt + jobMs ? job : undefined
  }

  return {
    start(request: ExportRequest): ExportJob {
      const id = `job_${randomBytes(12).toString('base64url').replace(/[-_]/g, '0')}`
      const job: ExportJob = {
        id,
        request,
        createdAt: clock.now(),
        status: 'pending',
        file: Buffer.alloc(0),
        links: new Map(),
      }
      jobs.set(id, job)
      return job
    },

    /**
     * The job, and a new link if it is completed.
     * @param usersOf the profiles of all users that the request asks for
     */
    async check(
      id: string,
      usersOf: (request: ExportRequest) => Iterable<object>,
    ): Promise<{ job: ExportJob; token: string | null } | undefined> {
      const job = find(id)
      if (!job) return undefined
      if (!asked.has(id)) {
        asked.add(id)
        return { job, token: null }
      }
      if (job.status === 'pending') {
        job.file = await pack(linesOf(usersOf(job.request), job.request))
        job.status = 'completed'
      }
      const token = randomBytes(24).toString('base64url')
      job.links.set(token, clock.now() + linkMs)
      return { job, token }
    },

    /** The file behind a link, unless the link is too old. */
    download(id: string, token: string): Buffer | undefined {
      const job = find(id)
      const endsAt = job?.links.get(token)
      return job && endsAt !== undefined && clock.now() < endsAt ? job.file : undefined
    },

    clear() {
      jobs.clear()
      asked.clear()
    },
  }
}

/** One JSON object a line. A field that a user does not have is left out. */
function* linesOf(users: Iterable<object>, { limit, fields }: ExportRequest): Generator<string> {
  let count = 0
  for (const user of users) {
    if (limit !== undefined && count >= limit) return
    count += 1
    const entries = fields.map(({ name, export_as }) => [export_as ?? name, valueAt(user, name)])
    yield `${JSON.stringify(Object.fromEntries(entries))}\n`
  }
}

/** The value at a path, such as `identities[0].connection`. */
function valueAt(user: object, path: string): unknown {
  let value: unknown = user
  for (const [key] of path.matchAll(/[^.[\]]+/g)) {
    value = (value as Record<string, unknown> | null | undefined)?.[key]
  }
  return value
}

const pack = (lines: Iterable<string>): Promise<Buffer> =>
  buffer(Readable.from(lines).pipe(createGzip()))
