import 'server-only'
import { and, asc, eq, gte, inArray, ne } from 'drizzle-orm'
import { normalizedEmail } from '../../account/email-address'
import { database, inTransaction } from '../../db/database'
import type { LegacyRecords } from '../provider'
import { type LegacyRecord, LegacyRefusal, recordPageSize } from '../record'
import { hashPassword, minimumPasswordLength } from './password-hash'
import { mailPasswordLink } from './password-link'
import { legacyUsers } from './schema'
import { endSessionsOf } from './sessions'

type Row = typeof legacyUsers.$inferSelect

const recordOf = ({
  id,
  email,
  emailVerified,
  name,
  blocked,
  passwordHash,
}: Row): LegacyRecord => ({
  id,
  email,
  emailVerified,
  name,
  blocked,
  hasPassword: passwordHash !== null,
  passwordSetAt: null,
  hasSecondFactor: false,
})

async function hashOf(password: string): Promise<string> {
  if (password.length < minimumPasswordLength) throw new LegacyRefusal('password_too_short', 400)
  return hashPassword(password)
}

/** Runs a write that can meet a taken address or id. */
async function unlessTaken<T>(status: 400 | 409, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } }
    if (cause?.code === '23505') throw new LegacyRefusal('user_exists', status)
    throw error
  }
}

/** The users of the in-house login, for the mirror. They are in our own database, so the mirror is always on. */
export const inHouseRecords: LegacyRecords = {
  async findRecord(id) {
    const [record] = await inHouseRecords.findRecords([id])
    return record ?? null
  },
  async findRecordsByEmail(email) {
    const db = await database()
    const isThis = eq(legacyUsers.email, normalizedEmail(email))
    return (await db.select().from(legacyUsers).where(isThis)).map(recordOf)
  },
  async findRecords(ids) {
    const db = await database()
    return (await db.select().from(legacyUsers).where(inArray(legacyUsers.id, ids))).map(recordOf)
  },
  async findBlockedSince(since, page) {
    const db = await database()
    const isBlocked = and(ne(legacyUsers.blocked, 'no'), gte(legacyUsers.updatedAt, since))
    const rows = await db
      .select()
      .from(legacyUsers)
      .where(isBlocked)
      .orderBy(asc(legacyUsers.id))
      .limit(recordPageSize)
      .offset(page * recordPageSize)
    return rows.map(recordOf)
  },
  recordId: (localId) => localId,
  async createRecord(localId, { email, emailVerified, name, password }) {
    const [db, passwordHash] = await Promise.all([database(), hashOf(password)])
    const row = { id: localId, email: normalizedEmail(email), emailVerified, name, passwordHash }
    await unlessTaken(409, () => db.insert(legacyUsers).values(row))
  },
  async updateRecord(id, { email, ...changes }) {
    const db = await database()
    await unlessTaken(400, () =>
      db
        .update(legacyUsers)
        .set({
          ...changes,
          ...(email !== undefined && { email: normalizedEmail(email) }),
          updatedAt: new Date(),
        })
        .where(eq(legacyUsers.id, id)),
    )
  },
  async setRecordPassword(id, password) {
    const passwordHash = await hashOf(password)
    await change(id, { passwordHash })
  },
  mailSetPassword: mailPasswordLink,
  blockRecord: (id) => change(id, { blocked: 'by_mirror' }),
  async deleteRecord(id) {
    const db = await database()
    await db.delete(legacyUsers).where(eq(legacyUsers.id, id))
  },
}

/** Changes a user, and ends the sessions that the user had before. */
const change = (id: string, values: Partial<Row>): Promise<void> =>
  inTransaction(async (tx) => {
    await tx
      .update(legacyUsers)
      .set({ ...values, updatedAt: new Date() })
      .where(eq(legacyUsers.id, id))
    await endSessionsOf(tx, id)
  })
