import 'server-only'
import { createHash } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import type { Account, AccountChange, Identity, OnAccountChange } from '../../account/account'
import { database, inTransaction } from '../../db/database'
import { identities } from '../../db/schema'
import { legacyConfig } from '../../legacy/config'
import { legacyProvider } from '../../legacy/configured-provider'
import { stytchIssuerName } from '../../stytch/issuer'
import { countEvent } from '../events/metrics'
import { events } from '../schema'
import { sealPassword, storePendingMail, storePendingPassword } from './pending-password'
import { enqueue, type MirrorJob, queue, type UserJob } from './queue'

/** True when this app may write the records of the legacy provider. With Auth0 that needs the Management API. */
export const mirrorIsOn = (): boolean => legacyProvider().records() !== null

/**
 * Enqueues a mirror job when a Stytch user proves an address, or when a proved user changes. The job is part of the
 * transaction that writes the account, so neither exists without the other. Calls no provider.
 *
 * Before the proof there is no job: an attacker could sign up with a stranger's address, and the legacy provider
 * would get a record and the stranger a mail.
 * @param password as the user typed it, where the server saw it; `isNew` when the user set it with this sign-in
 */
export function announceToMirror(
  userId: string,
  password: { text: string; isNew: boolean } | null,
  now: Date,
): () => Promise<OnAccountChange> {
  return async () => {
    const boss = mirrorIsOn() ? await queue() : null
    return async (tx, account, news) => {
      if (account.provedEmail === null) return
      const isBorn = news === 'joined' || news === 'proved'
      const needsRecord = isBorn && (await hasNoLegacyIdentity(tx, account))
      if (!boss) {
        if (needsRecord)
          await recordMirrorOff(tx, account, { issuer: stytchIssuerName(), subject: userId }, now)
        return
      }
      if (isBorn && !needsRecord && !password?.isNew) return
      if (password && (needsRecord || password.isNew)) {
        const sealed = await sealPassword(account.id, password.text)
        const forNewRecord = !password.isNew
        await storePendingPassword(tx, account.id, sealed, { now, forNewRecord })
      } else if (news !== 'moved') {
        await storePendingMail(tx, account.id)
      }
      await enqueue(boss, tx, { accountId: account.id, userId, change: changes[news] })
    }
  }
}

const changes: Record<AccountChange, UserJob['change']> = {
  joined: 'born',
  proved: 'proved',
  moved: 'changed',
}

type Tx = Parameters<OnAccountChange>[0]

/**
 * True when the account was not created at the legacy provider. Users who came from there have a record already.
 * They get no job. Otherwise an all-at-once switch would enqueue a job for every user.
 */
async function hasNoLegacyIdentity(tx: Tx, account: Account): Promise<boolean> {
  const isLegacy = and(
    eq(identities.accountId, account.id),
    eq(identities.issuer, legacyConfig().issuer),
  )
  return (await tx.$count(identities, isLegacy)) === 0
}

/** Records an account that the mirror did not write. This user could not sign in after a rollback. */
export async function recordMirrorOff(
  tx: Tx,
  account: Account,
  identity: Identity,
  now: Date,
): Promise<void> {
  const event = {
    at: now,
    kind: 'mirror',
    accountId: account.id,
    ...identity,
    lane: 'stytch',
    result: 'off',
    reason: 'not_configured',
    milliseconds: 0,
  } as const
  await tx.insert(events).values(event)
  countEvent(event)
}

/**
 * Enqueues a job that writes a new password to the legacy provider, for a user who has proved an address.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function mirrorPassword(
  account: Account,
  userId: string,
  password: string,
  now: Date,
): Promise<void> {
  if (!mirrorIsOn() || account.provedEmail === null) return
  const [boss, sealed] = await Promise.all([queue(), sealPassword(account.id, password)])
  await inTransaction(async (tx) => {
    await storePendingPassword(tx, account.id, sealed, { now, forNewRecord: false })
    await enqueue(boss, tx, { accountId: account.id, userId, change: 'password' })
  })
}

/**
 * Enqueues a job for a change that was made at Stytch and not through this app.
 * @param messageId of the webhook message. A message that is delivered twice makes only one job.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function mirrorChange(job: MirrorJob, messageId: string): Promise<void> {
  if (!mirrorIsOn()) return
  const [db, boss] = await Promise.all([database(), queue()])
  await enqueue(boss, db, job, uuidOf(messageId))
}

/** A UUID that is derived from a text (version 8, RFC 9562 section 5.8). */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(`mirror\n${text}`).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
