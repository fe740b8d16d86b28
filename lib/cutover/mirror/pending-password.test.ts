import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { mirrorPasswords } from '../schema'
import { drain } from './drain'
import { mirrorPassword } from './enqueue'
import { passwordLifetime } from './pending-password'
import {
  auth0Mails,
  breakAuth0,
  canSignIn,
  dumpTables,
  goodPassword,
  legacyUsers,
  makeJobsDue,
  otherPassword,
  passphrase,
  pendingPasswords,
  restoreAuth0,
  setUpTestBed,
  signUp,
} from './testing.ts'

const bed = setUpTestBed()

describe('a pending password', () => {
  it('is sealed in the database, and deleted once it is written', async () => {
    const { account } = await signUp(bed)
    const before = await dumpTables(bed)
    expect(before).toContain('Fe26.2')
    expect(before).not.toContain(goodPassword)
    await drain()
    const after = await dumpTables(bed)
    expect(after).toContain(account.id)
    expect(after).not.toContain('Fe26.2')
    expect(after).not.toContain(goodPassword)
  })

  it('expires after a day, and the user gets a set-password mail', async () => {
    const yesterday = new Date(Date.now() - (passwordLifetime + 60) * 1_000)
    const { email } = await signUp(bed, { now: yesterday })
    await drain()
    expect(await canSignIn(bed, email, goodPassword)).toBe(false)
    expect(await auth0Mails(bed)).toMatchObject([{ to: email, kind: 'set-password' }])
  })

  it('replaces the legacy password when the user changed it at Stytch', async () => {
    const { account, userId, email } = await signUp(bed)
    await drain()
    await mirrorPassword(account, userId, otherPassword, new Date())
    await drain()
    expect(await canSignIn(bed, email, goodPassword)).toBe(false)
    expect(await canSignIn(bed, email, otherPassword)).toBe(true)
    expect(await pendingPasswords(bed)).toEqual([])
  })

  it('mails a link when the legacy password policy refuses it, and the old password stops working', async () => {
    await bed.auth0.control('PUT', 'tenant', { passwordPolicy: 'good' })
    const { account, userId, email } = await signUp(bed)
    await drain()
    expect(await canSignIn(bed, email, goodPassword)).toBe(true)
    await mirrorPassword(account, userId, passphrase, new Date())
    await drain()
    expect(await canSignIn(bed, email, goodPassword)).toBe(false)
    expect(await canSignIn(bed, email, passphrase)).toBe(false)
    expect(await auth0Mails(bed)).toMatchObject([{ to: email, kind: 'set-password' }])
  })

  it('is the newest one, though an older job is retried later', async () => {
    await breakAuth0(bed)
    const { account, userId, email } = await signUp(bed)
    await drain()
    await mirrorPassword(account, userId, otherPassword, new Date())
    await restoreAuth0(bed)
    // The new job runs first, and then the retry of the old one.
    await drain()
    await makeJobsDue(bed)
    await drain()
    expect(await legacyUsers(bed, email)).toHaveLength(1)
    expect(await canSignIn(bed, email, otherPassword)).toBe(true)
    expect(await auth0Mails(bed)).toEqual([])
  })

  it('refuses a seal that was copied from another account', async () => {
    const one = await signUp(bed)
    const two = await signUp(bed, { password: 'other-otter-lamp-74' })
    const rows = await pendingPasswords(bed)
    const sealed = rows.find(({ accountId }) => accountId === one.account.id)?.sealed ?? ''
    await bed.db
      .update(mirrorPasswords)
      .set({ sealed })
      .where(eq(mirrorPasswords.accountId, two.account.id))
    await drain()
    expect(await canSignIn(bed, two.email, goodPassword)).toBe(false)
    expect(await auth0Mails(bed)).toMatchObject([{ to: two.email, kind: 'set-password' }])
  })
})
