import type { Management } from 'auth0'
import { z } from 'zod'
import { auth0Tenant } from '../../settings.ts'
import type { ExportJob } from '../export-jobs.ts'
import type { Tenant } from '../tenant.ts'
import type { UserStore } from '../users.ts'
import { ManagementError } from './errors.ts'
import { toResponse } from './users.ts'

/** A guess. Auth0 documents "a predefined set of fields" without naming them. */
const defaultFields = ['user_id', 'email', 'email_verified', 'name', 'nickname', 'created_at'].map(
  (name) => ({ name }),
)

export const exportSchema = z.strictObject({
  connection_id: z.string().optional(),
  format: z.enum(['json', 'csv']).default('json'),
  limit: z.int().min(1).optional(),
  /** Documented by Auth0: 30 fields at most. */
  fields: z
    .array(z.strictObject({ name: z.string().min(1), export_as: z.string().min(1).optional() }))
    .max(30)
    .default(defaultFields),
})

export function startExport(
  { exportJobs, clock }: Tenant,
  { format, ...request }: z.infer<typeof exportSchema>,
): Management.CreateExportUsersResponseContent {
  if (format === 'csv') {
    const message = 'The stand-in exports no CSV.'
    throw new ManagementError(501, 'Not Implemented', message, 'not_implemented')
  }
  const { connection_id } = request
  if (connection_id !== undefined && connection_id !== auth0Tenant.connectionId) {
    throw new ManagementError(404, 'Not Found', 'The connection does not exist.', 'not_found')
  }
  const job = exportJobs.start({ format, ...request })
  return { ...summaryOf(job), created_at: clock.iso(), fields: request.fields }
}

export async function readJob(
  { exportJobs, users, issuer }: Tenant,
  id: string,
): Promise<Management.GetJobResponseContent> {
  const found = await exportJobs.check(id, ({ connection_id }) => exported(users, connection_id))
  if (!found) {
    throw new ManagementError(404, 'Not Found', 'The job does not exist.', 'inexistent_job')
  }
  const { job, token } = found
  const summary = {
    ...summaryOf(job),
    created_at: new Date(job.createdAt).toISOString(),
  }
  if (token === null) return summary
  return {
    ...summary,
    location: `${issuer}exports/${job.id}/cutover.json.gz?token=${token}`,
    percentage_done: 100,
    time_left_seconds: 0,
  }
}

function* exported(users: UserStore, connectionId: string | undefined) {
  for (const user of users.all()) {
    const profile = toResponse(user)
    const isWanted = connectionId === undefined || !profile.identities[0]?.isSocial
    if (isWanted) yield profile
  }
}

function summaryOf({ id, status, request }: ExportJob) {
  const { connection_id, format, limit } = request
  return {
    type: 'users_export',
    status,
    format,
    id,
    ...(connection_id !== undefined && { connection_id, connection: auth0Tenant.connection }),
    ...(limit !== undefined && { limit }),
  }
}
