import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { sql } from 'drizzle-orm'
import { expect, it, vi } from 'vitest'
import { secretsInFiles } from '../../../sandbox/backfill-files/secrets.ts'
import { writeBackfillFiles } from '../../../sandbox/backfill-files.ts'
import { runBackfill } from './command'
import { importRun } from './import/import'
import { createProgress } from './progress'
import { backfillRows } from './schema'
import { newUsers, planUsers, setUpBackfill, usersAtStytch, writesAtStytch } from './testing'

/** Files as Auth0 writes them, with hostile rows, through every command. */

const bed = setUpBackfill()

/** Runs a command. All that it prints is kept, and so is what the app logs meanwhile. */
const printed: string[] = []
async function backfill(...args: string[]): Promise<number> {
  const logs = (['log', 'warn', 'error', 'info'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...values) => void printed.push(inspect(values))),
  )
  let time = 0
  const output = { write: (text: string) => printed.push(text) > 0 }
  const code = await runBackfill(args, {
    print: (line) => printed.push(line),
    // Each update is due.
    progress: (label) => createProgress(label, output, () => (time += 10_000)),
    folder: join(bed.folder, '.data'),
    signal: new AbortController().signal,
  })
  for (const log of logs) log.mockRestore()
  return code
}

/** The columns that hold an address or a name. The product cannot do without them. */
const personalColumns = ['accounts.email', 'accounts.name', 'identities.email']

/** The content of all tables, but for those columns: of the product, of the migration and of the queue. */
async function otherColumns(): Promise<{ table: string; text: string }[]> {
  const { rows: tables } = await bed.db.execute<{ table: string; name: string }>(sql`
    select format('%I.%I', schemaname, tablename) as table, tablename as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`)
  return Promise.all(
    tables.map(async ({ table, name }) => {
      const left = personalColumns
        .filter((column) => column.startsWith(`${name}.`))
        .map((column) => column.slice(name.length + 1))
      const { rows } = await bed.db.execute<{ text: string | null }>(sql`
        select string_agg((to_jsonb(row) - array(select jsonb_array_elements_text(${JSON.stringify(left)}::jsonb)))::text, ' ')
          as text
        from ${sql.raw(table)} row`)
      return { table, text: rows[0]?.text ?? '' }
    }),
  )
}

it('plans, imports, reconciles and undoes a file with hostile rows: the sums come out, and no secret is anywhere else', async () => {
  bed.stytch.project.consumer.users.clear()
  const files = await writeBackfillFiles({
    folder: join(bed.folder, 'files'),
    count: 200,
    isPacked: true,
  })
  const map = ['--map', files.mappingFile]
  const sources = ['--users', files.usersFile, '--hashes', files.hashesFile]
  expect(await backfill('plan', ...sources, ...map)).toBe(2)
  const rows = await bed.db.select().from(backfillRows)
  expect(countsBy(rows, 'outcome')).toEqual(files.counts)
  const run = ['--run', rows[0]?.runId ?? '', '--rate', '10000']

  // Auth0 does not know these users.
  expect(await backfill('import', ...run, ...map, '--skip-check')).toBe(0)
  const { create = 0, create_with_password = 0 } = files.counts
  const settled = await bed.db.select().from(backfillRows)
  expect(countsBy(settled, 'state').done).toBe(create + create_with_password)
  const users = [...bed.stytch.project.consumer.users.values()].map(({ user }) => user)
  expect(users).toHaveLength(create + create_with_password)
  const withPassword = users.filter(({ password }) => password)
  expect(withPassword).toHaveLength(create_with_password)
  // The last ones are the hostile rows with hashes of other types.
  for (const { emails } of withPassword.slice(-15)) {
    await bed.stytch.stytch.passwords.authenticate({
      email: emails[0]?.email ?? '',
      password: files.password,
    })
  }
  expect(await backfill('reconcile', ...run, ...map, '--list')).toBe(0)
  expect(printed.join('\n')).toMatch(new RegExp(`unverified_without_password +${create}$`, 'm'))

  const tables = await otherColumns()
  expect(tables.find(({ table }) => table === 'public.backfill_rows')?.text).toContain('auth0|')
  for (const { table, text } of tables) {
    expect([table, secretsInFiles.exec(text)?.[0]]).toEqual([table, undefined])
  }
  // The import has unpacked the files, and nothing else is left of it.
  const folder = join(bed.folder, '.data')
  const left = await readdir(folder)
  expect(left.map((name) => name.replace(/^[0-9a-f]{16}/, ''))).toEqual(['.unpacked', '.unpacked'])
  for (const name of left) expect((await stat(join(folder, name))).mode & 0o077).toBe(0)

  expect(await backfill('undo', ...run)).toBe(0)
  expect(bed.stytch.project.consumer.users.size).toBe(0)
  expect(await bed.db.$count(backfillRows)).toBe(rows.length)
  expect(secretsInFiles.exec(printed.join('\n'))?.[0]).toBeUndefined()
  for (const name of ['STYTCH_SECRET', 'AUTH0_MANAGEMENT_CLIENT_SECRET']) {
    expect(printed.join('\n')).not.toContain(process.env[name])
  }
}, 120_000)

function countsBy(
  rows: (typeof backfillRows.$inferSelect)[],
  column: 'outcome' | 'state',
): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const row of rows) counts[row[column]] = (counts[row[column]] ?? 0) + 1
  return counts
}

it('makes no call twice whose answer is lost after it has had its effect', async () => {
  const lost = { method: 'POST', loseResponse: true, times: 2 }
  await bed.stytch.control('PUT', 'faults', [
    { ...lost, path: '/v1/users' },
    { ...lost, path: '/v1/passwords/migrate' },
  ])
  const runId = await planUsers(bed, newUsers(5))
  const { counts } = await importRun({ runId, retryMilliseconds: 10 })
  expect(counts).toEqual({ done: { create_with_password: 5 } })
  expect(usersAtStytch(bed)).toHaveLength(5)
  const rows = await bed.db.select().from(backfillRows)
  expect(rows.every(({ madeUser }) => madeUser)).toBe(true)
  // Those whose answer was lost have the status 0 in the log.
  expect(writesAtStytch(bed)).toHaveLength(10 - 4)
})
