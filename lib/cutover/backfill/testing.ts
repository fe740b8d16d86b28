import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import bcrypt from 'bcryptjs'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { accounts, revocations } from '../../db/schema'
import { closeTestBed, newAddress, openTestBed, type TestBed } from '../mirror/testing'
import { events } from '../schema'
import { backfillPace } from './import/schema'
import { backfillRows, backfillRuns } from './schema'
import { openHashes, openUsers } from './source/source-file'

/** Only for tests of the backfill: both stand-ins, a database, and files as Auth0 writes them. */

/** A user in the files. */
export type TestUser = {
  subject: string
  email: string
  emailVerified: boolean
  hash: string | null
  blocked?: boolean
  /** A number that the legacy provider has verified. */
  phone?: string
}

export const oldPassword = 'purple-otter-lamp-74'
const oldHash = bcrypt.hashSync(oldPassword, 4)

export function newUser(over: Partial<TestUser> = {}): TestUser {
  const id = crypto.randomUUID().replaceAll('-', '').slice(0, 24)
  return {
    subject: `auth0|${id}`,
    email: newAddress(),
    emailVerified: true,
    hash: oldHash,
    ...over,
  }
}

export const newUsers = (count: number, over: Partial<TestUser> = {}): TestUser[] =>
  Array.from({ length: count }, () => newUser(over))

export type BackfillBed = TestBed & { folder: string }

/** Opens it for one test file. Each test begins without runs, users at Stytch, accounts and faults. */
export function setUpBackfill(): BackfillBed {
  const bed = {} as BackfillBed
  beforeAll(async () => {
    Object.assign(bed, await openTestBed())
    bed.folder = await mkdtemp(join(tmpdir(), 'cutover-backfill-'))
  })
  beforeEach(async () => {
    await Promise.all([bed.stytch, bed.auth0].map(({ control }) => control('POST', 'reset')))
    for (const table of [backfillRuns, backfillPace, accounts, revocations, events]) {
      await bed.db.delete(table)
    }
  })
  afterAll(async () => {
    await closeTestBed(bed)
    await rm(bed.folder, { recursive: true, force: true })
  })
  return bed
}

/** A user whom Auth0 and the file know. */
export async function addLegacyUser(
  { auth0 }: BackfillBed,
  over: Partial<TestUser> = {},
): Promise<TestUser> {
  const user = newUser(over)
  const { body } = await auth0.machineToken()
  const response = await fetch(`${auth0.url}/api/v2/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      connection: 'Username-Password-Authentication',
      user_id: user.subject.slice('auth0|'.length),
      email: user.email,
      password: oldPassword,
      email_verified: true,
    }),
  })
  if (response.status !== 201) throw new Error(`the stand-in answered ${response.status}`)
  return user
}

const ndjson = (records: object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('')

const userRecord = ({ subject, email, emailVerified, blocked = false, phone }: TestUser) => ({
  user_id: subject,
  email,
  email_verified: emailVerified,
  name: 'Ada Lovelace',
  given_name: 'Ada',
  family_name: 'Lovelace',
  identities: [
    {
      provider: 'auth0',
      connection: 'Username-Password-Authentication',
      user_id: subject.slice('auth0|'.length),
      isSocial: false,
    },
  ],
  blocked,
  ...(phone && { phone_number: phone, phone_verified: true }),
})

const hashRecord = ({ subject, hash }: TestUser) => ({
  _id: { $oid: subject.slice('auth0|'.length) },
  passwordHash: hash,
  connection: 'Username-Password-Authentication',
})

/** Writes the files, and plans each of their users without a question. @returns the id of the run */
export async function planUsers(
  { db, folder }: BackfillBed,
  users: TestUser[],
  { rate = 1_000, outcome = null }: { rate?: number; outcome?: string | null } = {},
): Promise<string> {
  const runId = crypto.randomUUID()
  const usersFile = join(folder, `${runId}.users.ndjson`)
  const hashesFile = join(folder, `${runId}.hashes.ndjson`)
  const withHash = users.filter(({ hash }) => hash !== null)
  const texts = [ndjson(users.map(userRecord)), ndjson(withHash.map(hashRecord))]
  await writeFile(usersFile, texts[0] ?? '')
  await writeFile(hashesFile, texts[1] ?? '')
  const [usersDigest = '', hashesDigest = ''] = texts.map((text) =>
    createHash('sha256').update(text).digest('hex'),
  )
  const files = { usersFile, usersDigest, ...(withHash.length > 0 && { hashesFile, hashesDigest }) }
  await db.insert(backfillRuns).values({ id: runId, ...files, rate, state: 'planned' })
  const places = withHash.length > 0 ? await placesOfHashes(hashesFile) : new Map()
  const file = await openUsers(usersFile)
  for await (const { parsed, offset, length } of file.entries()) {
    if ('problem' in parsed) throw new Error(parsed.reason)
    const hash = places.get(parsed.subject)
    await db.insert(backfillRows).values({
      runId,
      subject: parsed.subject,
      outcome: outcome ?? (hash ? 'create_with_password' : 'create'),
      state: 'planned',
      userOffset: offset,
      userLength: length,
      hashOffset: hash?.offset ?? null,
      hashLength: hash?.length ?? null,
    })
  }
  await file.close()
  return runId
}

/** Writes a newer export of the users. @returns its path */
export async function exportUsers({ folder }: BackfillBed, users: TestUser[]): Promise<string> {
  const path = join(folder, `${crypto.randomUUID()}.users.ndjson`)
  await writeFile(path, ndjson(users.map(userRecord)))
  return path
}

async function placesOfHashes(path: string) {
  const places = new Map<string, { offset: number; length: number }>()
  const file = await openHashes(path)
  for await (const { parsed, offset, length } of file.entries()) {
    if (!('problem' in parsed)) places.set(parsed.subject, { offset, length })
  }
  await file.close()
  return places
}

/** The users of the test at Stytch, without the code under test and without the seed data. */
export const usersAtStytch = ({ stytch }: BackfillBed) =>
  [...stytch.project.consumer.users.values()]
    .map(({ user }) => user)
    .filter(({ emails }) => /^[0-9a-f-]{36}@/.test(emails[0]?.email ?? ''))

/** The calls that changed something at Stytch. */
export const writesAtStytch = ({ stytch }: BackfillBed) =>
  stytch.project.requests
    .list()
    .filter(
      ({ method, path, status }) =>
        status === 200 && method !== 'GET' && !/search|authenticate/.test(path),
    )
