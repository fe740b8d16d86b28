import 'server-only'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { isLocalhost } from '../../../environment'
import { call } from '../../../legacy/auth0/management'
import { LegacyRefusal } from '../../../legacy/record'
import { ProviderFailure } from '../../../provider-failure'

/** Auth0 allows 30 fields at most. The root of a field brings the whole object along. */
const fields = [
  'user_id',
  'email',
  'email_verified',
  'identifiers',
  'name',
  'given_name',
  'family_name',
  'phone_number',
  'phone_verified',
  'identities',
  'user_metadata',
  'app_metadata',
  'created_at',
  'blocked',
  'multifactor',
]

export type ExportFailureCode = 'export_failed' | 'export_expired' | 'download_failed'

/** The job at Auth0 ended without a file, or the file could not be downloaded. Run the command again. */
export class ExportFailed extends Error {
  readonly code: ExportFailureCode
  constructor(code: ExportFailureCode, detail: string) {
    super(`The export did not succeed (${detail}). Run the command again.`)
    this.name = 'ExportFailed'
    this.code = code
  }
}

export type ExportOptions = {
  /** The id of one connection, such as `con_…`. Null for all users. */
  connectionId: string | null
  folder: string
  signal: AbortSignal
  /** Called with Auth0's percentage. Null while Auth0 names none. */
  onProgress?: (percent: number | null) => void
  /** Only tests change it. In milliseconds. */
  pollInterval?: number
}

/** How long the whole job may take. In milliseconds. */
const jobDeadline = 6 * 60 * 60 * 1_000

/** How long the download may take. In milliseconds. */
const downloadDeadline = 60 * 60 * 1_000

const jobSchema = z.object({
  id: z.string().min(1),
  status: z.string(),
  location: z.string().nullish(),
  percentage_done: z.number().nullish(),
})

/**
 * Runs Auth0's export job, and downloads its file for this user of the machine only.
 * @returns the path of the file
 * @throws {ExportFailed | LegacyRefusal | ProviderFailure}
 */
export async function exportUsers(options: ExportOptions): Promise<string> {
  const { connectionId, folder, signal, onProgress = () => {}, pollInterval = 2_000 } = options
  const created = jobSchema.parse(
    await call((api) =>
      api.jobs.usersExports.create({
        format: 'json',
        fields: fields.map((name) => ({ name })),
        ...(connectionId && { connection_id: connectionId }),
      }),
    ),
  )
  const ends = Date.now() + jobDeadline
  for (let job = created; ; ) {
    if (job.status === 'completed' && job.location) {
      return download(job.location, join(folder, `users-${job.id}.ndjson.gz`), signal)
    }
    if (job.status !== 'pending' && job.status !== 'processing') {
      throw new ExportFailed('export_failed', `the job's status is ${job.status}`)
    }
    if (Date.now() > ends) throw new ExportFailed('export_expired', 'the job takes too long')
    onProgress(job.percentage_done ?? null)
    await wait(pollInterval, undefined, { signal })
    job = await readJob(job)
  }
}

type Job = z.infer<typeof jobSchema>

/** A call that failed for a moment says nothing about the job, so the next turn asks again. */
async function readJob(job: Job): Promise<Job> {
  try {
    return jobSchema.parse(await call((api) => api.jobs.get(job.id)))
  } catch (error) {
    if (error instanceof ProviderFailure && error.code !== 'unexpected_response') return job
    if (error instanceof LegacyRefusal && error.status === 404) {
      throw new ExportFailed('export_expired', 'Auth0 does not know the job any more')
    }
    throw error
  }
}

/** The address of the file is signed, so it appears in no message. */
async function download(location: string, target: string, signal: AbortSignal): Promise<string> {
  if (!location.startsWith('https:') && !isLocalhost(location)) {
    throw new ExportFailed('download_failed', 'the address of the file is not https')
  }
  await mkdir(join(target, '..'), { recursive: true, mode: 0o700 })
  const part = `${target}.${process.pid}.part`
  const limited = AbortSignal.any([signal, AbortSignal.timeout(downloadDeadline)])
  try {
    const response = await fetch(location, {
      signal: limited,
      redirect: 'error',
      cache: 'no-store',
    })
    if (!response.ok || !response.body) {
      throw new ExportFailed('download_failed', `status ${response.status}`)
    }
    const body = Readable.fromWeb(response.body as ReadableStream)
    await pipeline(body, createWriteStream(part, { mode: 0o600 }), { signal: limited })
    await rename(part, target)
    return target
  } catch (error) {
    await rm(part, { force: true })
    if (error instanceof ExportFailed || (error as Error).name === 'AbortError') throw error
    throw new ExportFailed('download_failed', (error as Error).name)
  }
}
