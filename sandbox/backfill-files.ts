import { createWriteStream } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { createGzip } from 'node:zlib'
import type { HostileRow, Line, Outcome } from './backfill-files/hostile-row.ts'
import { hostileRows } from './backfill-files/hostile-rows.ts'
import { filesPassword } from './backfill-files/password-hashes.ts'
import {
  isPasswordless,
  ordinaryHash,
  ordinaryUser,
  passwordlessAmong,
} from './backfill-files/records.ts'

type Options = {
  folder: string
  /** The number of ordinary users. The hostile rows come on top. */
  count: number
  /** The same seed gives the same bytes. */
  seed?: number
  isPacked?: boolean
  isHostile?: boolean
}

export type Manifest = {
  usersFile: string
  hashesFile: string
  /** The hostile members of organizations need it. Auth0's export does not name organizations. */
  mappingFile: string
  seed: number
  /** The password of every user with a hash. */
  password: string
  /** What a plan with the mapping must count. */
  counts: Partial<Record<Outcome, number>>
  rows: {
    name: string
    subjects: Record<string, Outcome>
    lines: Partial<Record<Outcome, number>>
  }[]
}

/**
 * Writes the two files of a backfill as Auth0 sends them, and a manifest of what each hostile row must become. The
 * lines are written one by one, so a million users need no more memory than ten.
 */
export async function writeBackfillFiles(options: Options): Promise<Manifest> {
  const { folder, count, seed = 1, isPacked = false, isHostile = true } = options
  const end = isPacked ? 'ndjson.gz' : 'ndjson'
  const rows = isHostile ? hostileRows(seed) : []
  const manifest: Manifest = {
    usersFile: join(folder, `users.${end}`),
    hashesFile: join(folder, `hashes.${end}`),
    mappingFile: join(folder, 'mapping.mjs'),
    seed,
    password: filesPassword,
    counts: countsOf(rows, count),
    rows: rows.map(({ name, subjects = {}, lines = {} }) => ({ name, subjects, lines })),
  }
  await mkdir(folder, { recursive: true })
  const userLines = spread(
    ordinaryUsers(seed, count),
    count,
    rows.flatMap(({ users = [] }) => users),
  )
  await write(manifest.usersFile, userLines, isPacked)
  const hashLines = spread(
    ordinaryHashes(seed, count),
    count,
    // Not in the order of the users, so that no reader can go through both files in step.
    rows.flatMap(({ hashes = [] }) => hashes).reverse(),
  )
  await write(manifest.hashesFile, hashLines, isPacked)
  await writeFile(manifest.mappingFile, mapping, { mode: 0o600 })
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest, null, 2), { mode: 0o600 })
  return manifest
}

const mapping = `export default (user, record) => ({
  name: { first_name: record.given_name, last_name: record.family_name },
  phone: record.app_metadata?.phone,
  isOrganizationMember: record.app_metadata?.organization !== undefined,
})
`

function* ordinaryUsers(seed: number, count: number): Generator<Line> {
  for (let index = 0; index < count; index += 1) yield { content: ordinaryUser(seed, index) }
}

/** In another order than the users. 7919 is prime, so a step of it reaches each index once. */
function* ordinaryHashes(seed: number, count: number): Generator<Line> {
  const step = count % 7919 === 0 ? 1 : 7919
  for (let number = 0; number < count; number += 1) {
    const index = (number * step) % count
    if (!isPasswordless(index)) yield { content: ordinaryHash(seed, index) }
  }
}

/** The hostile lines at even distances among the others. */
function* spread(ordinary: Iterable<Line>, count: number, hostile: Line[]): Generator<Line> {
  const placed = (wanted: Line['place']) => hostile.filter(({ place }) => place === wanted)
  const between = placed(undefined)
  const distance = Math.max(1, Math.floor(count / (between.length + 1)))
  yield* placed('first')
  let [written, next] = [0, 0]
  for (const line of ordinary) {
    yield line
    written += 1
    const due = between[next]
    if (due && written % distance === 0) {
      yield due
      next += 1
    }
  }
  yield* between.slice(next)
  yield* placed('last')
}

async function write(path: string, lines: Iterable<Line>, isPacked: boolean): Promise<void> {
  // A file keeps the mode that it was created with.
  await rm(path, { force: true })
  const file = createWriteStream(path, { mode: 0o600 })
  const source = Readable.from(chunks(lines))
  if (isPacked) await pipeline(source, createGzip(), file)
  else await pipeline(source, file)
}

/** Many lines at once, because a stream with a million small chunks is slow. */
function* chunks(lines: Iterable<Line>): Generator<Buffer> {
  let parts: Buffer[] = []
  let size = 0
  for (const line of lines) {
    const bytes = bytesOf(line)
    parts.push(bytes)
    size += bytes.length
    if (size < 65_536) continue
    yield Buffer.concat(parts)
    parts = []
    size = 0
  }
  yield Buffer.concat(parts)
}

function bytesOf({ content, end = '\n' }: Line): Buffer {
  const isText = typeof content === 'string' || Buffer.isBuffer(content)
  return Buffer.concat([Buffer.from(isText ? content : JSON.stringify(content)), Buffer.from(end)])
}

function countsOf(rows: HostileRow[], count: number): Manifest['counts'] {
  const counts = new Map<string, number>()
  const add = (outcome: string, number: number) => {
    if (number > 0) counts.set(outcome, (counts.get(outcome) ?? 0) + number)
  }
  const passwordless = passwordlessAmong(count)
  add('create_with_password', count - passwordless)
  add('create', passwordless)
  for (const { subjects = {}, lines = {} } of rows) {
    for (const outcome of Object.values(subjects)) add(outcome, 1)
    for (const [outcome, number] of Object.entries(lines)) add(outcome, number)
  }
  return Object.fromEntries(counts)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      users: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      folder: { type: 'string', default: '.data/backfill/sample' },
      gz: { type: 'boolean', default: false },
      plain: { type: 'boolean', default: false },
    },
  })
  const manifest = await writeBackfillFiles({
    folder: values.folder,
    count: Number(values.users),
    seed: Number(values.seed),
    isPacked: values.gz,
    isHostile: !values.plain,
  })
  console.log(JSON.stringify({ ...manifest, rows: manifest.rows.length }, null, 2))
}
