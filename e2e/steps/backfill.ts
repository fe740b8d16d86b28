import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { postgresAt } from '../../sandbox/postgres-server.ts'
import { root, startChild } from '../../sandbox/processes.ts'
import { appEnvironment } from '../../sandbox/settings.ts'
import { database } from '../world/database.ts'

/** Users whom these steps import have addresses at this domain. */
const domain = 'backfill.example'

/** Starts `npm run backfill` as a process of its own, on the database and the stand-ins of this world. */
export async function startBackfill(...args: string[]) {
  const [row] = await database.query<{ name: string }>('select current_database() as name')
  const { url } = JSON.parse(process.env.E2E_DATABASE ?? '{}')
  const command = [join(root, 'lib/cutover/backfill/run.mjs'), ...args]
  return startChild('backfill', process.execPath, command, {
    env: {
      ...process.env,
      ...appEnvironment,
      NODE_OPTIONS: '',
      DATABASE_URL: postgresAt(url).url(row?.name),
    },
  })
}

/** Plans the import of new users without passwords. @returns the id of the run */
export async function planUsers(file: string, count: number): Promise<string> {
  const users = Array.from({ length: count }, () => {
    const id = crypto.randomUUID().replaceAll('-', '').slice(0, 24)
    const connection = 'Username-Password-Authentication'
    return {
      user_id: `auth0|${id}`,
      email: `${id}@${domain}`,
      email_verified: true,
      name: 'Ada Lovelace',
      identities: [{ provider: 'auth0', connection, user_id: id, isSocial: false }],
    }
  })
  await writeFile(file, users.map((user) => `${JSON.stringify(user)}\n`).join(''))
  const plan = await startBackfill('plan', '--users', file)
  await plan.ended
  const runId = /^Run (run_\w+)/m.exec(plan.output())?.[1]
  if (!runId) throw new Error(plan.output())
  return runId
}

/** Deletes all runs, and the accounts of the imported users. */
export const forgetBackfill = () =>
  database.query(
    `delete from backfill_runs; delete from backfill_pace;
     delete from accounts where email like '%@${domain}'`,
  )

/** A run as it would look like after a while. */
export type PlantedRun = {
  id: string
  state: 'planned' | 'running' | 'done' | 'undone'
  isPaused?: boolean
  rows: PlantedRows[]
}
export type PlantedRows = {
  count: number
  state: string
  outcome?: string
  reason?: string
  attempts?: number
  /** How long ago the rows were settled. The default is a moment. */
  secondsAgo?: number
}

/** Writes a run into the database. No process works on it. */
export async function plantRun({ id, state, isPaused = false, rows }: PlantedRun): Promise<void> {
  await database.query(
    `insert into backfill_runs (id, users_file, users_digest, rate, state, created_at, started_at, paused_at, finished_at)
     values ($1, '', '', 60, $2::text, now() - interval '40 minutes',
       case when $2 <> 'planned' then now() - interval '30 minutes' end,
       case when $3 then now() - interval '2 minutes' end,
       case when $2 in ('done', 'undone') then now() - interval '5 minutes' end)`,
    [id, state, isPaused],
  )
  for (const [index, row] of rows.entries()) {
    const { count, outcome = 'create_with_password', reason = null, secondsAgo = 0 } = row
    const attempts = row.attempts ?? (row.state === 'planned' ? 0 : 1)
    await database.query(
      `insert into backfill_rows (run_id, subject, outcome, state, reason, attempts, user_offset, user_length, lease_ends_at, updated_at)
       select $1, $2 || n, $3, $4, $5, $6, 0, 0,
         case when $4 = 'claimed' then now() + interval '30 seconds' end,
         now() - $7 * interval '1 second'
       from generate_series(1, $8) n`,
      [id, `planted|${index}-`, outcome, row.state, reason, attempts, secondsAgo, count],
    )
  }
}

/** Writes the result of a reconciliation of a planted run. */
export const plantReconciliation = (runId: string, counts: Record<string, number>) =>
  database.query(
    `insert into backfill_reconciliations
       (id, run_id, at, source_users, stytch_users, not_compared, left_out, counts, mended)
     values (gen_random_uuid()::text, $1, now() - interval '1 hour', 11840, 11862, 3, 214, $2, 0)`,
    [runId, counts],
  )
