import 'server-only'
import { createHash } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { type Account, type Announce, forgetIdentity, type News } from '../../account/account'
import { config } from '../../config'
import { database, inTransaction } from '../../db/database'
import { accounts, events, identities } from '../../db/schema'
import { recordId } from '../../legacy/management'
import { stytchIssuerName } from '../../stytch/issuer'
import { countEvent } from '../metrics'
import { forgetDebt, oweMail, owePassword, sealPassword } from './password'
import { enqueue, type MirrorJob, queue } from './queue'
import { unprovedId } from './record-id'

/** Whether there is a legacy provider to write to. */
export const mirrorIsOn = (): boolean => config().auth0.management !== null

/**
 * For the news of a Stytch user: puts the job into the transaction that writes them, so that there is no
 * account without its job and no job without its account. Asks nobody but the database.
 *
 * @param password as it was typed, where the server saw it; `isNew` when it was set with this sign-in
 */
export function announceToMirror(
  userId: string,
  password: { text: string; isNew: boolean } | null,
  now: Date,
): () => Promise<Announce> {
  return async () => {
    const boss = mirrorIsOn() ? await queue() : null
    return async (tx, account, news) => {
      if (news === 'proved') {
        // Also while the mirror is off: it may have been on before.
        await leaveBehind(tx, account)
        // Whatever was owed may have been typed by somebody else.
        await forgetDebt(tx, account.id)
      }
      const isBorn = news === 'joined' && (await lacksRecord(tx, account))
      if (!boss) {
        if (isBorn) await noteOff(tx, account, userId, now)
        return
      }
      if (news === 'joined' && !isBorn && !password?.isNew) return
      if (password && (isBorn || password.isNew)) {
        const sealed = await sealPassword(account.id, password.text)
        await owePassword(tx, account.id, sealed, { now, forNewRecord: !password.isNew })
      } else if (news !== 'moved') {
        await oweMail(tx, account.id)
      }
      await enqueue(boss, tx, { accountId: account.id, userId, change: changes[news] })
    }
  }
}

const changes: Record<News, MirrorJob['change']> = {
  joined: 'born',
  proved: 'proved',
  moved: 'changed',
}

/**
 * Somebody has just proved the address of an account that was made without proof, perhaps by a stranger, who
 * knows the password of its legacy record. That record goes, with everybody who is signed in with it: to an
 * account of its own from this moment (other instances may remember for some minutes), and altogether when
 * the job runs. The account gets a new one.
 */
async function leaveBehind(tx: Tx, account: Account): Promise<void> {
  const unproved = recordId(unprovedId(account))
  const isRecord = and(
    eq(identities.issuer, config().auth0.issuer),
    eq(identities.subject, unproved),
    eq(identities.accountId, account.id),
  )
  const [record] = await tx.select().from(identities).where(isRecord)
  if (!record) return
  const { email } = record
  const left = { id: `acct_${crypto.randomUUID()}`, email, emailVerified: false, name: email }
  await tx.insert(accounts).values(left)
  await tx.update(identities).set({ accountId: left.id }).where(isRecord)
  forgetIdentity(record)
}

type Tx = Parameters<Announce>[0]

/**
 * Whoever came from the legacy provider has a record there, and needs no job: on the day of an all-at-once
 * switch they are everybody.
 */
async function lacksRecord(tx: Tx, account: Account): Promise<boolean> {
  const isLegacy = and(
    eq(identities.accountId, account.id),
    eq(identities.issuer, config().auth0.issuer),
  )
  return (await tx.$count(identities, isLegacy)) === 0
}

/** So that it is known later whom a rollback would lock out. */
async function noteOff(tx: Tx, account: Account, userId: string, now: Date): Promise<void> {
  const event = {
    at: now,
    kind: 'mirror',
    accountId: account.id,
    issuer: stytchIssuerName(),
    subject: userId,
    lane: 'stytch',
    result: 'off',
    reason: 'not_configured',
    milliseconds: 0,
  } as const
  await tx.insert(events).values(event)
  countEvent(event)
}

/**
 * For a new password at Stytch: the legacy login will want it too.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function mirrorPassword(
  account: Account,
  userId: string,
  password: string,
  now: Date,
): Promise<void> {
  if (!mirrorIsOn()) return
  const [boss, sealed] = await Promise.all([queue(), sealPassword(account.id, password)])
  await inTransaction(async (tx) => {
    await owePassword(tx, account.id, sealed, { now, forNewRecord: false })
    await enqueue(boss, tx, { accountId: account.id, userId, change: 'password' })
  })
}

/**
 * For a change that did not pass through this app.
 * @param messageId of the message that told us: told twice, it is one job
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function mirrorChange(job: MirrorJob, messageId: string): Promise<void> {
  if (!mirrorIsOn()) return
  const [db, boss] = await Promise.all([database(), queue()])
  await enqueue(boss, db, job, uuidOf(messageId))
}

/** The same UUID for the same text (version 8: of our own making, RFC 9562 section 5.8). */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(`mirror\n${text}`).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
