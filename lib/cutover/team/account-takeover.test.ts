import bcrypt from 'bcryptjs'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SessionUnproved } from '../../account/proof'
import { identities } from '../../db/schema'
import {
  authenticateMemberSession,
  type OpenedMemberSession,
  openedMemberSessionOf,
} from '../../team/stytch/opened-session'
import { openMemberAccount } from './open-member-account'
import { type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

/** An admin of the organization wants the account of one of its members. */

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
afterAll(() => fixture.stop())

async function signInByLink(email: string): Promise<OpenedMemberSession> {
  const { body } = await fixture.stytch.control('POST', 'b2b/session', {
    email,
    organization: 'acme',
  })
  return authenticateMemberSession(body.session_token)
}

/** A member who proved the address an hour ago. Later sessions are not older than the proof then. */
async function provedMember(email: string) {
  const own = await signInByLink(email)
  const account = await openMemberAccount(own, null)
  const provedAt = new Date(Date.now() - 3_600_000)
  await fixture.db.update(identities).set({ provedAt }).where(eq(identities.subject, own.subject))
  return { own, account }
}

async function signInByPassword(email: string): Promise<OpenedMemberSession> {
  const { passwords } = fixture.stytch.b2b
  const organization_id = 'acme'
  const password = 'violet tractor umbrella 42'
  const hash = bcrypt.hashSync(password, 4)
  await passwords.migrate({ organization_id, email_address: email, hash, hash_type: 'bcrypt' })
  return openedMemberSessionOf(
    await passwords.authenticate({ organization_id, email_address: email, password }),
  )
}

const enterAddress = (member_id: string, email_address: string) =>
  fixture.stytch.b2b.organizations.members.update({
    organization_id: 'acme',
    member_id,
    email_address,
  })

describe('an admin who enters an own address, signs in with a password and enters the old address again', () => {
  it('does not open the account, neither before nor after the member confirms the address again', async () => {
    const email = `${crypto.randomUUID()}@acme.example`
    const { own, account } = await provedMember(email)
    expect(account.provedEmail).toBe(email)

    const evil = `${crypto.randomUUID()}@evil.example`
    await enterAddress(own.subject, evil)
    const stolen = await signInByPassword(evil)
    expect(stolen.subject).toBe(own.subject)
    await enterAddress(own.subject, email)

    await expect(openMemberAccount(stolen, null)).rejects.toThrow(SessionUnproved)
    expect((await openMemberAccount(await signInByLink(email), null)).id).toBe(account.id)
    await expect(openMemberAccount(stolen, null)).rejects.toThrow(SessionUnproved)
  })

  it('does not shut out the member, whose password sessions open the account', async () => {
    const email = `${crypto.randomUUID()}@acme.example`
    const { account } = await provedMember(email)
    expect((await openMemberAccount(await signInByPassword(email), null)).id).toBe(account.id)
  })
})
