import bcrypt from 'bcryptjs'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findAccount, openAccount } from '../../account/account'
import { columnsOf, epoch, proofRules } from '../../account/proof'
import { SecondFactorRequired, SecondFactorUnknown } from '../../account/second-factor-required'
import { identities } from '../../db/schema'
import { legacyConfig } from '../../legacy/config'
import { memberIdentity } from '../../team/member-account'
import { rememberOrganization } from '../../team/organization'
import {
  authenticateMemberSession,
  type OpenedMemberSession,
  openedMemberSessionOf,
} from '../../team/stytch/opened-session'
import { fetchStytchOrganization } from '../../team/stytch/organizations'
import { events } from '../schema'
import { openMemberAccount } from './open-member-account'
import { type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

/** A person with a second factor at Auth0 signs in to an organization at Stytch with less. */

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
beforeEach(() => fixture.auth0.control('DELETE', 'faults'))
afterAll(() => fixture.stop())

/** A member of the organization at Auth0, with a record there and an account here. */
async function owner({ isKnown = true, hasSecondFactor = true } = {}) {
  const { email, subject } = await fixture.addLegacyMember('acme')
  if (hasSecondFactor) {
    await fixture.auth0.control('PUT', 'second-factor', { email, enrolled: true })
  }
  const session = { key: subject, startedAt: new Date() }
  const proof = { by: subject, at: session.startedAt }
  const identity = { issuer: legacyConfig().issuer, subject }
  const account = isKnown
    ? await openAccount({ ...identity, email, name: '', isCurrent: true, session, proof })
    : null
  return { email, subject, account }
}

/** Somebody follows a link that was mailed to the address, and is a member at Stytch then. */
async function signInByLink(email: string): Promise<OpenedMemberSession> {
  const { body } = await fixture.stytch.control('POST', 'b2b/session', {
    email,
    organization: 'acme',
  })
  return authenticateMemberSession(body.session_token)
}

/** Somebody signs in with a password that was imported into the organization. */
async function signInByPassword(email: string, organization_id: string) {
  const { passwords } = fixture.stytch.b2b
  const password = 'violet tractor umbrella 42'
  const hash = bcrypt.hashSync(password, 4)
  await passwords.migrate({ organization_id, email_address: email, hash, hash_type: 'bcrypt' })
  return openedMemberSessionOf(
    await passwords.authenticate({ organization_id, email_address: email, password }),
  )
}

const calls = async () => {
  const { body } = await fixture.auth0.control('GET', 'requests')
  return (body as { path: string }[]).filter(({ path }) => path.startsWith('/api/v2/users')).length
}

describe('a mailed link to a member does not replace the second factor', () => {
  it('of a user whom this app knows', async () => {
    const { email, subject } = await owner()
    const opened = await signInByLink(email)
    await expect(openMemberAccount(opened, null)).rejects.toThrow(SecondFactorRequired)
    expect(await findAccount(memberIdentity(opened))).toBeNull()
    const recorded = await fixture.db.select().from(events).where(eq(events.subject, subject))
    expect(recorded).toMatchObject([{ kind: 'sign_in', result: 'refused', reason: 'mfa_required' }])
  })

  it('of a user whom this app has not seen yet', async () => {
    const { email } = await owner({ isKnown: false })
    await expect(openMemberAccount(await signInByLink(email), null)).rejects.toThrow(
      SecondFactorRequired,
    )
  })

  it('also if the reader of the mailbox has enrolled a factor of their own at Stytch', async () => {
    const { email } = await owner()
    const opened = await signInByLink(email)
    const factor = { email, organization: 'acme', totp: true, mfa_enrolled: true }
    await fixture.stytch.control('PUT', 'b2b/member', factor)
    await expect(openMemberAccount(opened, null)).rejects.toThrow(SecondFactorRequired)
  })

  it('nor does a password, which opens the data of the organization with an account of its own', async () => {
    const { email } = await owner()
    await expect(openMemberAccount(await signInByPassword(email, 'acme'), null)).rejects.toThrow(
      SecondFactorRequired,
    )
    const { email: other } = await owner({ hasSecondFactor: false })
    const opened = await openMemberAccount(await signInByPassword(other, 'acme'), null)
    expect(opened.provedEmail).toBeNull()
  })

  it('with any later request of the same session, which asks Auth0 nothing more', async () => {
    const { email } = await owner()
    const opened = await signInByLink(email)
    await expect(openMemberAccount(opened, null)).rejects.toThrow(SecondFactorRequired)
    const before = await calls()
    await expect(openMemberAccount(opened, null)).rejects.toThrow(SecondFactorRequired)
    expect(await calls()).toBe(before)
  })

  it('of a known user while Auth0 does not answer', async () => {
    const { email, account } = await owner({ hasSecondFactor: false })
    const opened = await signInByLink(email)
    await fixture.auth0.control('PUT', 'faults', [{ path: '/api/v2/*', status: 503 }])
    await expect(openMemberAccount(opened, null)).rejects.toThrow(SecondFactorUnknown)
    await fixture.auth0.control('DELETE', 'faults')
    expect((await openMemberAccount(opened, null)).id).toBe(account?.id)
  })
})

describe('the first sign-in of an imported member', () => {
  /** What an import of members writes: an identity that has joined the account. */
  async function imported(options: Parameters<typeof owner>[0]) {
    const { email, account } = await owner(options)
    const opened = await signInByLink(email)
    await fixture.db.insert(identities).values({
      ...memberIdentity(opened),
      accountId: account?.id ?? '',
      email,
      ...columnsOf({ by: proofRules.import, at: epoch }),
    })
    return { email, account, opened }
  }

  it('does not replace a second factor that the member has enrolled since the import', async () => {
    const { opened } = await imported({ hasSecondFactor: true })
    await expect(openMemberAccount(opened, null)).rejects.toThrow(SecondFactorRequired)
    const before = await calls()
    await expect(openMemberAccount(opened, null)).rejects.toThrow(SecondFactorRequired)
    expect(await calls()).toBe(before)
  })

  it('opens the account of a member without one, and later costs no call', async () => {
    const { email, account, opened } = await imported({ hasSecondFactor: false })
    expect((await openMemberAccount(opened, null)).id).toBe(account?.id)
    const before = await calls()
    expect((await openMemberAccount(await signInByLink(email), null)).id).toBe(account?.id)
    expect(await calls()).toBe(before)
  })
})

it('a password opens an organization that exists at Stytch alone, and no other data of the person', async () => {
  const { email, account } = await owner()
  const found = await fetchStytchOrganization('initech')
  const { id, slug, name, externalId } = found as NonNullable<typeof found>
  await rememberOrganization({ slug, name, stytchId: id, legacyId: externalId })
  const opened = await openMemberAccount(await signInByPassword(email, 'initech'), null)
  expect(opened.id).not.toBe(account?.id)
  expect(opened.provedEmail).toBeNull()
})

it('a mailed link opens the account of a user without a second factor, and later costs no call', async () => {
  const { email, account } = await owner({ hasSecondFactor: false })
  expect((await openMemberAccount(await signInByLink(email), null)).id).toBe(account?.id)
  const before = await calls()
  expect((await openMemberAccount(await signInByLink(email), null)).id).toBe(account?.id)
  expect(await calls()).toBe(before)
})
