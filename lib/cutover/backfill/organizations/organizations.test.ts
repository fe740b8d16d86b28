import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { auth0Roles, organizations } from '../../../../sandbox/settings.ts'
import { findAccount, findIdentity } from '../../../account/account'
import { identities, notes } from '../../../db/schema'
import { legacyConfig } from '../../../legacy/config'
import { organizationByLegacyId } from '../../../team/organization'
import { memberships } from '../../../team/schema'
import { memberIssuerName } from '../../../team/stytch/issuer'
import { legacyAccount } from '../../session/legacy-account'
import { backfillRows, backfillRuns } from '../schema'
import { newUser, oldPassword, writesAtStytch } from '../testing'
import { importOrganizations } from './import-organizations'
import { planOrganizations } from './plan-organizations'
import { addMembers, atStytch, carry, management, setUpOrganizations, webSession } from './testing'

const bed = setUpOrganizations()
const run = (options = {}) =>
  importOrganizations({ rate: 1_000, retryMilliseconds: 10, ...options })

const barbara = { email: 'barbara@acme.example', subject: 'auth0|6501a0000000000000000004' }
const frances = { email: 'frances@acme.example', subject: 'auth0|6501a0000000000000000007' }
const acme = organizations.acme.auth0Id

const rowOf = async (subject: string) => {
  const [row] = await bed.db.select().from(backfillRows).where(eq(backfillRows.subject, subject))
  return row
}
const ofSlug = (slug: string) => atStytch(bed).find((each) => each.slug === slug)
const legacyIdentity = (subject: string) => ({ issuer: legacyConfig().issuer, subject })

it('brings organizations and members over once each with their roles, and writes nothing when run again', async () => {
  const result = await run()
  expect(result).toMatchObject({
    isDone: true,
    counts: { done: { organization: 2, member: 5 }, skipped: { mfa_enrolled: 1 } },
  })
  const settings = ['ALL_ALLOWED', 'NOT_ALLOWED', 'NOT_ALLOWED']
  expect(ofSlug('acme')).toMatchObject({ externalId: acme, settings })
  expect(
    ofSlug('acme')
      ?.members.map(({ email, roles }) => [email, roles])
      .sort(),
  ).toEqual([
    ['barbara@acme.example', ['stytch_admin']],
    ['claude@acme.example', ['editor']],
    ['frances@acme.example', ['editor']],
  ])
  expect(
    ofSlug('globex')
      ?.members.map(({ email }) => email)
      .sort(),
  ).toEqual(['dorothy@globex.example', 'frances@acme.example'])
  expect(writesAtStytch(bed)).toHaveLength(2 + 5)

  // A member of two organizations has one account.
  const account = await findAccount(legacyIdentity(frances.subject))
  const found = await bed.db
    .select()
    .from(identities)
    .where(eq(identities.accountId, account?.id ?? ''))
  const stytchIds = [...bed.stytch.project.b2b.store.organizations.keys()]
  const issuers = [legacyConfig().issuer, ...stytchIds.map(memberIssuerName)].sort()
  expect(found.map(({ issuer }) => issuer).sort()).toEqual(issuers)
  expect(found.every(({ emailVerified }) => emailVerified)).toBe(true)
  expect(await bed.db.select().from(memberships)).toHaveLength(5)

  await bed.stytch.control('DELETE', 'requests')
  expect(await run()).toMatchObject({ counts: result.counts })
  expect(writesAtStytch(bed)).toEqual([])
  const tables = await Promise.all(
    [backfillRuns, backfillRows].map((table) => bed.db.select().from(table)),
  )
  expect(JSON.stringify(tables)).not.toMatch(/@|Liskov|Acme/)
})

it("carries Barbara's live session over, to the same account, role and data", async () => {
  const session = await webSession(bed, barbara, 'acme')
  const account = await legacyAccount(session)
  await bed.db.insert(notes).values({ id: 'note-1', accountId: account.id, text: 'before' })
  await run()
  await bed.stytch.control('DELETE', 'requests')
  const outcome = await carry(session)
  expect(outcome).toMatchObject({ result: 'migrated' })
  expect(writesAtStytch(bed).map(({ path }) => path)).toEqual(['/v1/b2b/sessions/migrate'])
  if (outcome.result !== 'migrated') return
  const stytchId = (await organizationByLegacyId(acme))?.stytchId ?? ''
  const migrated = { issuer: memberIssuerName(stytchId), subject: outcome.userId }
  expect((await findAccount(migrated))?.id).toBe(account.id)
  expect(await bed.db.select().from(notes)).toMatchObject([{ accountId: account.id }])
  expect(
    await bed.db.select().from(memberships).where(eq(memberships.accountId, account.id)),
  ).toMatchObject([
    {
      lane: 'stytch',
      roles: expect.arrayContaining(['stytch_admin']),
      carriedOverAt: expect.any(Date),
    },
  ])
})

it('imports the password of a member, and of nobody with two hashes, beside a line that Postgres cannot store', async () => {
  const [twice = ''] = await addMembers(bed, 'acme', [{}])
  const line = (subject: string, connection = 'Username-Password-Authentication') =>
    JSON.stringify({
      _id: { $oid: subject.slice('auth0|'.length) },
      passwordHash: newUser().hash,
      connection,
    })
  const path = join(bed.folder, 'hashes.ndjson')
  const lines = [
    line('auth0|\0'),
    line(barbara.subject),
    line(twice),
    line(twice),
    line(frances.subject, 'other'),
  ]
  await writeFile(path, lines.join('\n'))
  await bed.stytch.control('PUT', 'faults', [
    { method: 'POST', path: '/v1/b2b/passwords/migrate', loseResponse: true, times: 1 },
  ])
  const { counts } = await run({ only: 'acme', hashes: { path, folder: bed.folder } })
  expect(counts).toEqual({ done: { organization: 1, member_with_password: 1, member: 3 } })
  const { member } = await bed.stytch.b2b.passwords.authenticate({
    organization_id: 'acme',
    email_address: barbara.email,
    password: oldPassword,
  })
  expect(member.email_address_verified).toBe(true)
  // Another process may be reading the places of the first file.
  await bed.db.update(backfillRuns).set({ state: 'running' })
  await writeFile(path, line(frances.subject))
  const other = run({ only: 'acme', hashes: { path, folder: bed.folder } })
  await expect(other).rejects.toMatchObject({ code: 'hashes_changed' })
})

it('an attacker who knows the old password of a member does not get in after a change at Auth0', async () => {
  await management(bed, 'PATCH', `users/${encodeURIComponent(barbara.subject)}`, {
    password: 'another-otter-lamp-74',
  })
  const line = {
    _id: { $oid: barbara.subject.slice('auth0|'.length) },
    passwordHash: newUser().hash,
    password_set_date: { $date: new Date(Date.now() - 86_400_000) },
    connection: 'Username-Password-Authentication',
  }
  const path = join(bed.folder, 'older.ndjson')
  await writeFile(path, JSON.stringify(line))
  const { counts } = await run({ only: 'acme', hashes: { path, folder: bed.folder } })
  expect(counts).toEqual({ done: { organization: 1, member: 3 } })
})

it('goes on with the others when Auth0 refuses to describe one user', async () => {
  await bed.auth0.control('PUT', 'faults', [
    {
      path: `/api/v2/users/${encodeURIComponent(barbara.subject)}`,
      status: 400,
      body: { statusCode: 400, error: 'Bad Request', errorCode: 'invalid_uri' },
    },
  ])
  const { counts } = await run({ only: 'acme' })
  expect(counts).toEqual({
    done: { organization: 1, member: 2 },
    failed: { legacy_invalid_uri: 1 },
  })
})

it('carries over a member whom the app had not seen', async () => {
  await run()
  const session = await webSession(bed, frances, 'globex')
  expect(await carry(session)).toMatchObject({ result: 'migrated' })
})

it("never adopts a stranger's organization with the same slug", async () => {
  const { organization } = await bed.stytch.b2b.organizations.create({
    organization_name: 'Mallory',
    organization_slug: 'acme',
  })
  const { counts } = await run({ only: 'acme' })
  expect(counts).toEqual({
    skipped: { organization_slug_taken: 1, organization_left_out: 3 },
  })
  expect(ofSlug('acme')).toMatchObject({ externalId: undefined, members: [] })
  expect(await findIdentity(legacyIdentity(barbara.subject))).toBeNull()
  // The operator corrects it, and runs the import again.
  await bed.stytch.b2b.organizations.update({
    organization_id: organization.organization_id,
    organization_slug: 'mallory',
  })
  expect((await run({ only: 'acme' })).counts).toEqual({ done: { organization: 1, member: 3 } })
})

it("never adopts a stranger's organization whose slug is the id of another one", async () => {
  await bed.stytch.b2b.organizations.create({
    organization_name: 'Mallory',
    organization_slug: acme,
  })
  const { counts } = await run({ only: 'acme' })
  expect(counts.skipped).toMatchObject({ organization_conflict: 1 })
  expect(atStytch(bed)).toHaveLength(1)
})

it('leaves out everybody whose address or second factor is not safe to import', async () => {
  const { email } = newUser()
  const added = await addMembers(bed, 'acme', [
    { email_verified: false },
    { blocked: true },
    { multifactor: ['guardian'] },
    { user_id: 'samlp|acme|1' },
    { user_id: 'samlp|acme|ada@acme.example' },
    { email },
    { email, user_id: 'google-oauth2|1' },
  ])
  const { counts, unstorable } = await run({ only: acme })
  expect(counts.skipped).toEqual({
    email_unverified: 1,
    blocked: 1,
    mfa_enrolled: 1,
    enterprise_unlisted: 1,
    email_twice: 2,
  })
  expect(unstorable).toBe(1)
  expect(ofSlug('acme')?.members).toHaveLength(3)
  expect((await rowOf(`${acme} ${added[0]}`))?.reason).toBe('email_unverified')
  expect(JSON.stringify(await bed.db.select().from(backfillRows))).not.toContain('@')
  expect((await planOrganizations({ only: 'acme' })).members).toEqual({
    ...counts.skipped,
    already: 3,
    external_id_impossible: 1,
  })
})

it("does not adopt a member whom an organization's admin made with a stranger's address", async () => {
  await run({ only: 'acme' })
  const user = newUser()
  await bed.stytch.b2b.organizations.members.create({
    organization_id: 'acme',
    email_address: user.email,
  })
  await addMembers(bed, 'acme', [{ user_id: user.subject, email: user.email }])
  const { counts } = await run({ only: 'acme' })
  expect(counts.skipped).toEqual({ address_taken: 1 })
  expect(await findIdentity(legacyIdentity(user.subject))).toBeNull()
})

it('does not bring back a person who was removed at Stytch', async () => {
  await bed.stytch.b2b.organizations.create({
    organization_name: 'Acme',
    organization_slug: 'acme',
    organization_external_id: acme,
  })
  const { member } = await bed.stytch.b2b.organizations.members.create({
    organization_id: 'acme',
    email_address: barbara.email,
  })
  await bed.stytch.b2b.organizations.members.delete({
    organization_id: 'acme',
    member_id: member.member_id,
  })
  const { counts } = await run({ only: 'acme' })
  expect(counts).toEqual({
    done: { already: 1, member: 2 },
    skipped: { member_deleted: 1 },
  })
})

it('does not import a person who was removed at Auth0 after the rows were written', async () => {
  const [subject = ''] = await addMembers(bed, 'acme', [{}])
  await run({ only: 'acme', limit: 0 })
  await management(bed, 'DELETE', `organizations/${acme}/members`, { members: [subject] })
  // Auth0 may answer that a stranger has no roles.
  const path = `/api/v2/organizations/${acme}/members/${encodeURIComponent(subject)}/roles`
  const none = { roles: [], start: 0, limit: 100, total: 0 }
  await bed.auth0.control('PUT', 'faults', [{ path, status: 200, body: none }])
  const { counts } = await run({ only: 'acme' })
  expect(counts.skipped).toEqual({ not_a_member: 1 })
  expect(ofSlug('acme')?.members).toHaveLength(3)
})

it('makes nothing twice when answers are lost, and waits when Auth0 or Stytch answers 429', async () => {
  const lost = { method: 'POST', loseResponse: true, times: 1 }
  const tooMany = { status: 429, times: 1 }
  await bed.stytch.control('PUT', 'faults', [
    { ...lost, path: '/v1/b2b/organizations' },
    { ...lost, path: '/v1/b2b/organizations/*' },
    { ...tooMany, path: '*', body: { status_code: 429, error_type: 'too_many_requests' } },
  ])
  await bed.auth0.control('PUT', 'faults', [
    { ...tooMany, path: '/api/v2/*', headers: { 'retry-after': '0' }, body: {} },
  ])
  const { counts } = await run({ only: 'acme' })
  expect(counts).toEqual({ done: { organization: 1, member: 3 } })
  expect(ofSlug('acme')?.members).toHaveLength(3)
  expect(atStytch(bed)).toHaveLength(1)
})

it('names and counts a role without a counterpart', async () => {
  const { id } = (await management(bed, 'POST', 'roles', { name: 'auditor' })) as { id: string }
  const member = `organizations/${acme}/members/${encodeURIComponent(barbara.subject)}/roles`
  await management(bed, 'POST', member, { roles: [id, auth0Roles.editor] })
  const plan = await planOrganizations()
  expect(plan).toMatchObject({
    organizations: { organization: 2 },
    members: { member: 5, mfa_enrolled: 1 },
    unknownRoles: [],
  })
  expect([...plan.unmappedRoles]).toEqual([['auditor', 1]])
  expect(writesAtStytch(bed)).toEqual([])
  expect(await bed.db.select().from(backfillRuns)).toEqual([])
  const { unmappedRoles } = await run({ only: 'acme' })
  expect([...unmappedRoles]).toEqual([['auditor', 1]])
  const found = ofSlug('acme')?.members.find(({ email }) => email === barbara.email)
  expect(found?.roles.sort()).toEqual(['editor', 'stytch_admin'])
})
