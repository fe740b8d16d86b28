import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeBackfillFiles } from '../../../sandbox/backfill-files.ts'
import { importRun } from './import/import'
import { planRun } from './plan/plan'
import { reconcile } from './reconcile/reconcile'
import { backfillRows } from './schema'
import { loadMapping } from './source/mapping'
import { newUsers, planUsers, setUpBackfill, usersAtStytch, writesAtStytch } from './testing'
import { undoRun } from './undo/undo'

/** Files as Auth0 writes them, with hostile rows, through every command. */

const bed = setUpBackfill()

it('plans, imports, reconciles and undoes a file with hostile rows, and the sums come out', async () => {
  bed.stytch.project.consumer.users.clear()
  const files = await writeBackfillFiles({
    folder: join(bed.folder, 'files'),
    count: 200,
    isPacked: true,
  })
  const mapping = await loadMapping(files.mappingFile)
  const { usersFile, hashesFile } = files
  const { runId, counts } = await planRun({
    usersFile,
    hashesFile,
    map: mapping,
    rate: 1_000,
    folder: bed.folder,
  })
  expect(counts).toEqual(files.counts)

  const result = await importRun({ runId, mapping })
  expect(result.counts.failed).toBeUndefined()
  expect(result.counts.done).toEqual({
    create: files.counts.create,
    create_with_password: files.counts.create_with_password,
  })
  const users = [...bed.stytch.project.consumer.users.values()].map(({ user }) => user)
  expect(users).toHaveLength((files.counts.create ?? 0) + (files.counts.create_with_password ?? 0))
  const withPassword = users.filter(({ password }) => password)
  expect(withPassword).toHaveLength(files.counts.create_with_password ?? 0)
  // The last ones are the hostile rows with hashes of other types.
  for (const { emails } of withPassword.slice(-15)) {
    await bed.stytch.stytch.passwords.authenticate({
      email: emails[0]?.email ?? '',
      password: files.password,
    })
  }
  const compared = await reconcile({ runId })
  expect(compared.counts).toEqual({})
  expect(compared.notes).toEqual({ unverified_without_password: files.counts.create })

  const undone = await undoRun({ runId })
  expect(undone.counts.done).toBeUndefined()
  expect(bed.stytch.project.consumer.users.size).toBe(0)
  expect(await bed.db.select().from(backfillRows)).toHaveLength(
    Object.values(files.counts).reduce((sum, count) => sum + count, 0),
  )
}, 120_000)

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
