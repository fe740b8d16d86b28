import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostileRows } from './backfill-files/hostile-rows.ts'
import { filesPassword, passwordHash } from './backfill-files/password-hashes.ts'
import { writeBackfillFiles } from './backfill-files.ts'
import { readHash } from './stytch/password-hashes/read-hash.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backfill-files-'))
})
afterAll(() => rm(folder, { recursive: true }))

const write = (name: string, options: Partial<Parameters<typeof writeBackfillFiles>[0]> = {}) =>
  writeBackfillFiles({ folder: join(folder, name), count: 100, ...options })

/** The objects of a file without hostile lines. */
const objectsIn = async (path: string) =>
  (await readFile(path, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const sum = (counts: object): number =>
  Object.values(counts).reduce((total: number, each) => total + Number(each), 0)

describe('ordinary users', () => {
  it('have a hash each, under their id and connection, unless they have no password', async () => {
    const { usersFile, hashesFile, counts } = await write('plain', { isHostile: false })
    const [users, hashes] = [await objectsIn(usersFile), await objectsIn(hashesFile)]
    expect(counts).toEqual({ create_with_password: 95, create: 5 })
    expect(users).toHaveLength(100)
    const withPassword = users.filter(({ user_id }) => user_id.startsWith('auth0|'))
    const keys = hashes.map(({ _id, connection }) => `auth0|${_id.$oid} ${connection}`)
    expect(keys).toHaveLength(95)
    expect(new Set(keys)).toEqual(
      new Set(
        withPassword.map(({ user_id, identities }) => `${user_id} ${identities[0].connection}`),
      ),
    )
    expect(keys[1]).not.toBe(`${users[1].user_id} ${users[1].identities[0].connection}`)
  })

  it('have each a hash when their number is a multiple of the step between hashes', async () => {
    const { hashesFile } = await write('multiple', { count: 7_919, isHostile: false })
    const ids = (await objectsIn(hashesFile)).map(({ _id }) => _id.$oid)
    expect(new Set(ids).size).toBe(7_919 - 395)
  })
})

describe('the files', () => {
  it('are the same for the same seed, and others for another seed', async () => {
    const files = [await write('a'), await write('b'), await write('c', { seed: 2 })]
    const bytes = await Promise.all(
      files.map(({ usersFile, hashesFile }) =>
        Promise.all([readFile(usersFile, 'latin1'), readFile(hashesFile, 'latin1')]),
      ),
    )
    expect(bytes[0]).toEqual(bytes[1])
    expect(bytes[0]?.[0]).not.toBe(bytes[2]?.[0])
    expect(bytes[0]?.[1]).not.toBe(bytes[2]?.[1])
  })

  it('hold the same lines when gzip packs them', async () => {
    const plain = await write('unpacked')
    const packed = await write('packed', { isPacked: true })
    expect(packed.usersFile).toMatch(/users\.ndjson\.gz$/)
    const bytes = await buffer(createReadStream(packed.usersFile))
    expect(gunzipSync(bytes).equals(await readFile(plain.usersFile))).toBe(true)
  })

  it('can be read by nobody else', async () => {
    const { usersFile, hashesFile } = await write('private')
    for (const path of [usersFile, hashesFile]) {
      expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600')
    }
  })
})

describe('hostile rows', () => {
  const rows = hostileRows(1)

  it('are 40 or more, each with a name of its own', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40)
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
  })

  it('say for each line what becomes of it', () => {
    // Empty lines become nothing, and a hash that belongs to a user has no outcome of its own.
    const users = rows.flatMap(({ users = [] }) => users).filter(({ content }) => content !== '')
    const hashLines = [
      'the file of the hashes is cut in its last line',
      'a hash that is empty',
      'a hash line that is cut',
      'a hash that is null',
      'a hash without a connection',
      'a hash without a user',
      'a hash under the same id, of another connection',
      'one id in two connections',
    ]
    const outcomes = rows.map(
      ({ subjects = {}, lines = {} }) => sum(lines) + Object.keys(subjects).length,
    )
    const ofHashes = rows.filter(({ name }) => hashLines.includes(name))
    expect(ofHashes).toHaveLength(hashLines.length)
    expect(sum(outcomes)).toBe(users.length + ofHashes.length)
  })

  it('are in the files with their marks, ends and cuts', async () => {
    const { usersFile, hashesFile, counts, rows: described } = await write('hostile')
    const [users, hashes] = [await readFile(usersFile), await readFile(hashesFile)]
    for (const bytes of [users, hashes]) {
      expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
      expect(bytes.toString()).toMatch(/\}\r\n\{/)
      expect(bytes.at(-1)).not.toBe(0x0a)
      expect(bytes.at(-1)).not.toBe(0x7d)
    }
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(users)).toThrow(TypeError)
    expect(described).toHaveLength(rows.length)
    expect(counts.create).toBe(5)
    expect(counts.line_unreadable).toBe(17)
  })

  it('have hashes of the password, in each type that names its parameters', async () => {
    const hashes = (['bcrypt of PHP', 'argon2id', 'scrypt', 'phpass'] as const).map(passwordHash)
    const types = ['bcrypt', 'argon_2id', 'scrypt', 'phpass']
    for (const [index, hash] of hashes.entries()) {
      const stored = readHash({ hash, hash_type: types[index] })
      expect(await stored.matches(filesPassword)).toBe(true)
      expect(await stored.matches(`${filesPassword}!`)).toBe(false)
    }
  })
})
