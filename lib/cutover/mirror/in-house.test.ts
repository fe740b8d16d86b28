import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoPassword } from '../../../sandbox/settings.ts'
import { openAccount } from '../../account/account'
import { type Database, inTransaction } from '../../db/database'
import { legacyConfig } from '../../legacy/config'
import { hashPassword } from '../../legacy/in-house/password-hash'
import { isPasswordLink, setPasswordByLink } from '../../legacy/in-house/password-link'
import { inHouseRecords } from '../../legacy/in-house/records'
import { legacyUsers } from '../../legacy/in-house/schema'
import { endSessionsOf, findEnd, signIn } from '../../legacy/in-house/sessions'
import { listedUsers } from '../../revocation/revocation-list'
import { type InHouseFixture, startInHouseForTests } from '../migration/in-house-testing'
import { drainRevocations } from '../revocation/drain'
import { pollLegacyUsers } from '../revocation/poll'
import { drain } from './drain'
import { closeQueue } from './queue'
import { goodPassword, newAddress, reportChange, signUp } from './testing'

/** The mirror with the in-house login: its records are rows of our own database. */

let bed: InHouseFixture
beforeAll(async () => {
  bed = await startInHouseForTests()
})
afterAll(async () => {
  await closeQueue()
  await bed.stop()
})

const rowOf = async (email: string) => {
  const [row] = await bed.db.select().from(legacyUsers).where(eq(legacyUsers.email, email))
  return row
}

async function waitingStatements(tx: Database): Promise<number> {
  const { rows } = await tx.execute(sql`select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`)
  return rows.length
}

describe('a sign-up at Stytch', () => {
  it('is a row of the in-house login, and the user signs in there with the same password', async () => {
    const { account, email } = await signUp(bed)
    expect(await drain()).toMatchObject({ done: 1, failed: 0 })
    expect(await rowOf(email)).toMatchObject({ id: account.id, emailVerified: true, blocked: 'no' })
    await expect(signIn(email, goodPassword, new Date())).resolves.toBeDefined()
  })

  it('by code gets a mail with a link that sets one password, once', async () => {
    const { email } = await signUp(bed, { password: null })
    expect(await drain()).toMatchObject({ done: 1, failed: 0 })
    const { to, link } = await bed.stytch.lastMessage()
    expect(to).toBe(email)
    const token = new URL(link ?? '').searchParams.get('token') ?? ''
    expect(await setPasswordByLink(token, 'short')).toBe('password_too_short')
    const both = [setPasswordByLink(token, goodPassword), setPasswordByLink(token, 'another-one-1')]
    expect((await Promise.all(both)).toSorted()).toEqual(['link_refused', null].toSorted())
    expect(await isPasswordLink(token)).toBe(false)
  })

  it('is deleted with its user at Stytch', async () => {
    const user = await signUp(bed)
    await drain()
    await bed.stytch.stytch.users.delete({ user_id: user.userId })
    await reportChange(user, 'deleted')
    expect(await drain()).toMatchObject({ done: 1, failed: 0 })
    expect(await rowOf(user.email)).toBeUndefined()
  })
})

describe('an attacker', () => {
  it('who gets a link and then enters the address of a victim does not verify it by the link', async () => {
    const mine = newAddress()
    await bed.db.insert(legacyUsers).values({ id: 'mallory', email: mine })
    await inHouseRecords.mailSetPassword(mine)
    const { link } = await bed.stytch.lastMessage()
    const token = new URL(link ?? '').searchParams.get('token') ?? ''
    expect(await isPasswordLink(token)).toBe(true)
    const victim = newAddress()
    await inHouseRecords.updateRecord('mallory', { email: victim, emailVerified: false })
    expect(await setPasswordByLink(token, goodPassword)).toBe('link_refused')
    expect(await rowOf(victim)).toMatchObject({ emailVerified: false, passwordHash: null })
  })

  it('who knows the old password gets no session while the victim changes it', async () => {
    const email = newAddress()
    const passwordHash = await hashPassword('known-to-mallory')
    await bed.db.insert(legacyUsers).values({ id: 'changes', email, passwordHash })
    const newHash = await hashPassword(goodPassword)
    let attempt: Promise<unknown> = Promise.resolve()
    await inTransaction(async (tx) => {
      const isVictim = eq(legacyUsers.id, 'changes')
      await tx.select().from(legacyUsers).where(isVictim).for('update')
      attempt = signIn(email, 'known-to-mallory', new Date()).catch(({ code }) => code)
      // The sign-in has checked the old password, and waits for the change.
      await expect.poll(() => waitingStatements(tx)).toBe(1)
      await tx.update(legacyUsers).set({ passwordHash: newHash }).where(isVictim)
      await endSessionsOf(tx, 'changes')
    })
    expect(await attempt).toBe('legacy_sign_in_refused')
  })
})

describe('a new address', () => {
  it('that belongs to another row is refused, so that no row gets the address of a stranger', async () => {
    const user = await signUp(bed)
    await drain()
    const taken = newAddress()
    await bed.db.insert(legacyUsers).values({ id: 'stranger', email: taken })
    await expect(
      inHouseRecords.updateRecord(user.account.id, { email: taken, emailVerified: true }),
    ).rejects.toMatchObject({ code: 'legacy_refused', status: 400 })
  })
})

describe('a row that is blocked', () => {
  it('ends its sessions at once, and those at Stytch with the next poll', async () => {
    const session = await bed.sessionOf('ada@example.com')
    expect(await findEnd(session)).toBeNull()
    await openAccount({
      issuer: legacyConfig().issuer,
      subject: session.subject,
      email: 'ada@example.com',
      name: 'Ada',
      isCurrent: true,
      session: { key: 'session', startedAt: new Date() },
      proof: { by: 'session', at: new Date() },
    })
    expect(await pollLegacyUsers(new Date())).toBeNull()
    await bed.db
      .update(legacyUsers)
      .set({ blocked: 'yes', updatedAt: new Date() })
      .where(eq(legacyUsers.email, 'ada@example.com'))
    expect(await findEnd(session)).toBe('user_deleted')
    await expect(signIn('ada@example.com', demoPassword, new Date())).rejects.toMatchObject({
      code: 'legacy_sign_in_refused',
    })
    const later = new Date(Date.now() + 301_000)
    expect(await pollLegacyUsers(later)).toBeGreaterThan(0)
    await drainRevocations()
    expect((await listedUsers(legacyConfig().issuer, [session.subject])).get(session.subject)).toBe(
      'blocked',
    )
  })
})
