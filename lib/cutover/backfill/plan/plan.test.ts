import { appendFileSync } from 'node:fs'
import { mkdtemp, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { eq, sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  databaseIdentity,
  databaseUser,
  hashOf,
  otherIdentity,
} from '../../../../sandbox/backfill-files/records.ts'
import { secretsInFiles } from '../../../../sandbox/backfill-files/secrets.ts'
import { writeBackfillFiles } from '../../../../sandbox/backfill-files.ts'
import { appEnvironment } from '../../../../sandbox/settings.ts'
import type { Database } from '../../../db/database'
import { accounts, identities } from '../../../db/schema'
import { openTestDatabase } from '../../../db/testing'
import { legacyConfig } from '../../../legacy/config'
import { stytchIssuerName } from '../../../stytch/issuer'
import { backfillRows, backfillRuns } from '../schema'
import { checked, loadMapping } from '../source/mapping'
import { openHashes, openUsers } from '../source/source-file'
import { isImportable, type Outcome } from './outcome'
import { type PlanRequest, planRun } from './plan'

let db: Database
let folder: string
beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  db = await openTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'cutover-plan-'))
})
beforeEach(async () => {
  await db.execute(sql`truncate backfill_runs, accounts cascade`)
})

const map = checked(() => ({}))

let files = 0
async function write(content: Buffer | string): Promise<string> {
  const path = join(folder, `file-${files++}`)
  await writeFile(path, content)
  return path
}

const ndjson = (...lines: object[]): string => lines.map((line) => JSON.stringify(line)).join('\n')

const plan = (usersFile: string, hashesFile: string | null, more: Partial<PlanRequest> = {}) =>
  planRun({ usersFile, hashesFile, map, rate: 60, folder, ...more })

const everything = async () => ({
  runs: await db.select().from(backfillRuns),
  rows: await db.select().from(backfillRows).orderBy(backfillRows.subject),
})

/** Writes files with hostile lines, and returns the mapping that they need. */
async function hostileFiles(count: number, isPacked = false) {
  const name = `hostile-${files++}`
  const manifest = await writeBackfillFiles({ folder: join(folder, name), count, isPacked })
  return { ...manifest, map: await loadMapping(manifest.mappingFile) }
}

describe('a plan of 10,000 users with hostile lines', () => {
  it('counts every line once, and names each hostile line by its code', async () => {
    const { usersFile, hashesFile, counts, rows, map } = await hostileFiles(10_000)
    expect(rows.length).toBeGreaterThan(40)
    const result = await plan(usersFile, hashesFile, { map })
    expect(result).toEqual({ runId: result.runId, isKnown: false, rate: 60, counts })
    const outcomes = new Map(
      (await everything()).rows.map(({ subject, outcome }) => [subject, outcome]),
    )
    for (const { name, subjects } of rows) {
      for (const [subject, outcome] of Object.entries(subjects)) {
        // Such a row has no subject, because that may contain an address.
        if (outcome === 'external_id_impossible') continue
        expect([name, outcomes.get(subject)]).toEqual([name, outcome])
      }
    }
  })

  it('is the same with CRLF everywhere, a byte order mark and gzip', async () => {
    const { usersFile, hashesFile, counts, map } = await hostileFiles(200)
    const packed = async (path: string) => {
      const text = await readFile(path, 'latin1')
      return write(gzipSync(Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1')))
    }
    const result = await plan(await packed(usersFile), await packed(hashesFile), { map })
    expect(result.counts).toEqual(counts)
    const [run] = (await everything()).runs
    for (const path of [run?.usersFile, run?.hashesFile]) {
      expect((await stat(String(path))).mode & 0o777).toBe(0o600)
    }
  })

  it('remembers the places of the lines of each user, so that the import finds them', async () => {
    const { usersFile, hashesFile, map } = await hostileFiles(300, true)
    await plan(usersFile, hashesFile, { map })
    const { runs, rows } = await everything()
    const users = await openUsers(String(runs[0]?.usersFile))
    const hashes = await openHashes(String(runs[0]?.hashesFile))
    const planned = rows.filter(({ state }) => state === 'planned')
    expect(planned.length).toBeGreaterThan(300)
    for (const row of planned) {
      expect(isImportable(row.outcome as Outcome)).toBe(true)
      const { parsed } = await users.at({ offset: row.userOffset, length: row.userLength })
      expect(parsed).toMatchObject({ subject: row.subject })
      if (row.outcome === 'create' || 'problem' in parsed) continue
      const hash = await hashes.at({
        offset: Number(row.hashOffset),
        length: Number(row.hashLength),
      })
      expect(hash.parsed).toMatchObject({ subject: parsed.passwordSubject ?? row.subject })
    }
    await users.close()
    await hashes.close()
  })

  it('writes no address, no hash and no token into the database', async () => {
    const { usersFile, hashesFile, map } = await hostileFiles(200)
    await plan(usersFile, hashesFile, { map })
    const written = JSON.stringify(await everything())
    expect(written).toContain('auth0|acct_euclid')
    expect(written).not.toMatch(secretsInFiles)
  })
})

describe('the same files', () => {
  const users = ndjson(databaseUser('ada'), databaseUser('grace'))
  const hashes = ndjson(hashOf('ada'), hashOf('grace'))

  it('are the same run, wherever they lie and whether they are packed, and nothing is written', async () => {
    const first = await plan(await write(users), await write(hashes))
    const before = await everything()
    const again = await plan(await write(gzipSync(users)), await write(hashes), { rate: 5 })
    expect(again).toEqual({ ...first, isKnown: true })
    expect(await everything()).toEqual(before)
  })

  it('that were moved are found at their new place, so that an import can go on', async () => {
    const paths = [await write(users), await write(hashes)] as const
    const { runId } = await plan(...paths)
    const rows = (await everything()).rows
    const moved = [`${paths[0]}-moved`, `${paths[1]}-moved`] as const
    await Promise.all(paths.map((path, index) => rename(path, moved[index] ?? '')))
    expect(await plan(...moved)).toMatchObject({ runId, isKnown: true })
    expect(await everything()).toMatchObject({
      runs: [{ usersFile: moved[0], hashesFile: moved[1] }],
      rows,
    })
  })

  it('with one more user are another run', async () => {
    const first = await plan(await write(users), await write(hashes))
    const other = await plan(
      await write(`${users}\n${ndjson(databaseUser('alan'))}`),
      await write(hashes),
    )
    expect(other.runId).not.toBe(first.runId)
    expect(other.counts).toEqual({ create_with_password: 2, user_without_hash: 1 })
  })

  it('without the hashes are another run, and nobody gets a password', async () => {
    const first = await plan(await write(users), await write(hashes))
    const other = await plan(await write(users), null)
    expect(other.runId).not.toBe(first.runId)
    expect(other.counts).toEqual({ create: 2 })
  })

  it('are planned anew with --again, for a corrected mapping', async () => {
    const paths = [await write(users), await write(hashes)] as const
    const first = await plan(...paths, { map: checked(() => ({ phone: '555' })) })
    expect(first.counts).toEqual({ mapping_invalid: 2 })
    const again = await plan(...paths, { again: true, rate: 5 })
    expect(again).toEqual({
      runId: first.runId,
      isKnown: false,
      rate: 5,
      counts: { create_with_password: 2 },
    })
  })

  it.each([
    [
      'a row is claimed',
      sql`update backfill_rows set state = 'claimed' where subject = 'auth0|ada'`,
    ],
    ['the run is running', sql`update backfill_runs set state = 'running'`],
  ])(
    'are not planned anew once %s, because the rows say what the import created',
    async (_, begin) => {
      const paths = [await write(users), await write(hashes)] as const
      await plan(...paths)
      await db.execute(begin)
      const before = await everything()
      await expect(plan(...paths, { again: true })).rejects.toMatchObject({ code: 'run_started' })
      expect(await everything()).toEqual(before)
    },
  )

  it('planned by two processes at once are one run', async () => {
    const paths = [await write(users), await write(hashes)] as const
    const results = await Promise.allSettled([plan(...paths), plan(...paths)])
    const failed = results.filter((each) => each.status === 'rejected')
    for (const { reason } of failed) expect(reason).toMatchObject({ code: 'plan_in_progress' })
    expect(failed.length).toBeLessThan(2)
    expect(await db.$count(backfillRuns)).toBe(1)
    expect(await db.$count(backfillRows)).toBe(2)
  })
})

describe('a plan', () => {
  it('that fails leaves nothing, and can be made again', async () => {
    const { usersFile, hashesFile } = await hostileFiles(3_000)
    const stop = new AbortController()
    const failed = plan(usersFile, hashesFile, {
      signal: stop.signal,
      onLines: (lines) => lines > 6_000 && stop.abort(),
    })
    await expect(failed).rejects.toMatchObject({ name: 'AbortError' })
    expect(await everything()).toEqual({ runs: [], rows: [] })
    // Postgres releases the lock once it has noticed the closed connection.
    const again = () => plan(usersFile, hashesFile).catch((error: { code?: string }) => error.code)
    await expect.poll(again).toMatchObject({ isKnown: false })
  })

  it('is refused if a file changes during it', async () => {
    const path = await write(ndjson(databaseUser('ada')))
    const changed = plan(path, null, {
      map: checked(() => {
        appendFileSync(path, '\n')
        return {}
      }),
    })
    await expect(changed).rejects.toMatchObject({ code: 'file_changed' })
    expect(await db.$count(backfillRuns)).toBe(0)
  })

  it('imports the owner of an address, and no attacker who signed up with it before', async () => {
    const attacker = databaseUser('attacker', {
      email: 'owner@load.example',
      email_verified: false,
    })
    const lines = ndjson(attacker, databaseUser('owner'))
    const hashes = ndjson(hashOf('attacker'), hashOf('owner'))
    await plan(await write(lines), await write(hashes))
    const { rows } = await everything()
    expect(rows.map(({ subject, outcome }) => [subject, outcome])).toEqual([
      ['auth0|attacker', 'email_unverified'],
      ['auth0|owner', 'create_with_password'],
    ])
  })

  it('gives nobody the hash of another connection, though its subject and address are the same', async () => {
    const hashes = ndjson(hashOf('ada', { connection: 'partners' }))
    const result = await plan(await write(ndjson(databaseUser('ada'))), await write(hashes))
    expect(result.counts).toEqual({ user_without_hash: 1, hash_without_user: 1 })
  })

  it('knows users whose account has a Stytch identity, and imports those who have only a legacy one', async () => {
    const known = async (id: string, issuers: string[]) => {
      await db.insert(accounts).values({ id, email: `${id}@load.example`, name: id })
      for (const issuer of issuers) {
        const subject = issuer === stytchIssuerName() ? `user-${id}` : `auth0|${id}`
        const identity = { issuer, subject, accountId: id, emailVerified: true }
        await db.insert(identities).values({ ...identity, email: `${id}@load.example` })
      }
    }
    await known('moved', [legacyConfig().issuer, stytchIssuerName()])
    await known('visited', [legacyConfig().issuer])
    const lines = ndjson(databaseUser('moved'), databaseUser('visited'), databaseUser('new'))
    const result = await plan(await write(lines), null)
    expect(result.counts).toEqual({ already: 1, create: 2 })
    const [row] = await db.select().from(backfillRows).where(eq(backfillRows.outcome, 'already'))
    expect(row).toMatchObject({ subject: 'auth0|moved', state: 'skipped' })
  })

  it('takes the password of a linked identity for the user to whom it is linked', async () => {
    const linked = databaseUser('linked', {
      user_id: 'google-oauth2|7',
      identities: [
        otherIdentity('google-oauth2', '7', true),
        databaseIdentity('linked', 'partners'),
      ],
    })
    const hashes = ndjson(hashOf('linked', { connection: 'partners' }), hashOf('linked'))
    const result = await plan(await write(ndjson(linked)), await write(hashes))
    expect(result.counts).toEqual({ create_with_password: 1, hash_without_user: 1 })
  })

  it('reads CSV files', async () => {
    const users =
      'subject,connection,email,email_verified\n7,users,a@example.com,true\n8,users,b@example.com,true\n9,users,"c'
    const hashes = `subject,connection,hash\n7,users,${hashOf('7').passwordHash}\n8,partners,${hashOf('8').passwordHash}`
    const result = await plan(await write(users), await write(hashes))
    expect(result.counts).toEqual({
      create_with_password: 1,
      line_unreadable: 1,
      user_without_hash: 1,
      hash_without_user: 1,
    })
  })

  it.each([
    ['file_missing', async () => join(folder, 'nowhere')],
    ['file_empty', () => write('\n\n')],
    ['file_format', () => write('name,age\nAda,36')],
    ['file_format', () => write('[{"user_id":"auth0|ada"}]')],
    ['file_damaged', () => write(gzipSync(ndjson(databaseUser('ada'))).subarray(0, 40))],
  ])('of a file that cannot be used ends with %s', async (code, path) => {
    await expect(plan(await path(), null)).rejects.toMatchObject({ code })
    expect(await db.$count(backfillRuns)).toBe(0)
  })
})
