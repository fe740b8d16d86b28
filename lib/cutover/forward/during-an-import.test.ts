import { describe, expect, it } from 'vitest'
import { findIdentity } from '../../account/account'
import { legacyConfig } from '../../legacy/config'
import { findRevocation } from '../../revocation/revocation-list'
import { stytchIssuerName } from '../../stytch/issuer'
import { importRun } from '../backfill/import/import'
import { oldPassword, planUsers, type TestUser, usersAtStytch } from '../backfill/testing'
import { newAddress } from '../mirror/testing'
import {
  addAtAuth0,
  arrive,
  type Channel,
  change,
  channels,
  forwardEvents,
  listen,
  remove,
  setUpForward,
  signUpAtAuth0,
  stytchUser,
} from './testing'

/** What happens at Auth0 while an import runs. */

const bed = setUpForward()

/** Two users of one import: the first is at Stytch by now, and the second waits. */
async function duringImport(channel: Channel) {
  const [imported, waiting] = [await addAtAuth0(bed), await addAtAuth0(bed)]
  const runId = await planUsers(bed, [imported, waiting])
  await listen(bed, channel)
  await importRun({ runId, only: imported.subject })
  return { imported, waiting, finish: () => importRun({ runId }) }
}

const identitiesOf = async (user: TestUser) => {
  const [legacy, stytch] = await Promise.all([
    findIdentity({ issuer: legacyConfig().issuer, subject: user.subject }),
    findIdentity({ issuer: stytchIssuerName(), subject: stytchUser(bed, user)?.user_id ?? '' }),
  ])
  return { legacy, stytch }
}

const signIn = (email: string) =>
  bed.stytch.stytch.passwords.authenticate({ email, password: oldPassword }).then(
    () => 'signed in',
    ({ error_type }: { error_type: string }) => error_type,
  )

/** Whether a new session of the Stytch user is refused. */
const refusalOf = async (user: TestUser) =>
  findRevocation({
    issuer: stytchIssuerName(),
    subject: stytchUser(bed, user)?.user_id ?? '',
    sessionId: crypto.randomUUID(),
    startedAt: new Date(Date.now() + 60_000),
  })

describe.each(channels)('by the %s, during an import', (channel) => {
  it('a sign-up at Auth0 arrives at Stytch, linked and without a password', async () => {
    const { finish } = await duringImport(channel)
    const grace = await signUpAtAuth0(bed)
    await arrive(bed, channel)
    await finish()
    expect(stytchUser(bed, grace)).toMatchObject({
      emails: [{ email: grace.email }],
      name: { first_name: 'Grace', last_name: 'Hopper' },
    })
    expect(stytchUser(bed, grace)?.password).toBeUndefined()
    const { legacy, stytch } = await identitiesOf(grace)
    expect(legacy?.proof?.by).toBe('import')
    expect(stytch?.account.id).toBe(legacy?.account.id)
    expect(await forwardEvents(bed, grace)).toEqual(['written password_unknown'])
  })

  it('a new address of an imported user arrives, and the old password opens it', async () => {
    const { imported } = await duringImport(channel)
    const email = newAddress()
    await change(bed, imported, { email, email_verified: true })
    await arrive(bed, channel)
    expect(stytchUser(bed, imported)?.emails).toMatchObject([{ email }])
    const { legacy, stytch } = await identitiesOf(imported)
    expect([legacy?.email, stytch?.email, stytch?.account.email]).toEqual([email, email, email])
    expect(stytch?.account.id).toBe(legacy?.account.id)
    expect(await signIn(email)).toBe('signed in')
    expect(await forwardEvents(bed, imported)).toContain('written address')
  })

  it('after a change of the password, the old one opens nothing, imported or not', async () => {
    const { imported, waiting, finish } = await duringImport(channel)
    expect(stytchUser(bed, imported)?.password).toBeDefined()
    await change(bed, imported, { password: 'another-otter-lamp-74' })
    await change(bed, waiting, { password: 'another-otter-lamp-74' })
    await arrive(bed, channel, 2)
    await finish()
    expect(await signIn(imported.email)).toBe('no_user_password')
    expect(await signIn(waiting.email)).toBe('no_user_password')
    expect(usersAtStytch(bed)).toHaveLength(2)
    expect(await forwardEvents(bed, imported)).toContain('written password_changed')
  })
})

// An event stream differs by its messages alone.
describe.each(['log stream', 'poll'] as const)('by the %s, during an import', (channel) => {
  it('a new address of a user whose row waits arrives, and the row makes no second user', async () => {
    const { waiting, finish } = await duringImport(channel)
    const email = newAddress()
    await change(bed, waiting, { email, email_verified: true })
    await arrive(bed, channel)
    expect((await finish()).counts.skipped).toEqual({ address_differs: 1 })
    expect(usersAtStytch(bed)).toHaveLength(2)
    expect(stytchUser(bed, waiting)?.emails).toMatchObject([{ email }])
  })

  it('a new address that nobody has verified does not arrive, until it is verified', async () => {
    const { imported, waiting, finish } = await duringImport(channel)
    const email = newAddress()
    await change(bed, imported, { email })
    await change(bed, waiting, { email: newAddress() })
    await arrive(bed, channel, 2)
    expect((await finish()).counts.skipped).toEqual({ email_unverified: 1 })
    expect(stytchUser(bed, imported)?.emails).toMatchObject([{ email: imported.email }])
    expect(stytchUser(bed, waiting)).toBeUndefined()
    for (const user of [imported, waiting]) {
      expect(await forwardEvents(bed, user)).toContain('left_out email_unverified')
    }
    await change(bed, imported, { email_verified: true })
    await arrive(bed, channel)
    expect(stytchUser(bed, imported)?.emails).toMatchObject([{ email }])
  })

  it('a new name arrives at Stytch and in the account', async () => {
    const { imported } = await duringImport(channel)
    await change(bed, imported, { name: 'Ada King Noel' })
    await arrive(bed, channel)
    expect(stytchUser(bed, imported)?.name).toMatchObject({
      first_name: 'Ada',
      last_name: 'King Noel',
    })
    expect((await identitiesOf(imported)).legacy?.account.name).toBe('Ada King Noel')
    expect(await forwardEvents(bed, imported)).toContain('written name')
  })

  it('a block reaches a user whom the app has never seen, and its end does, too', async () => {
    const { imported, waiting, finish } = await duringImport(channel)
    for (const user of [imported, waiting]) await change(bed, user, { blocked: true })
    await arrive(bed, channel, 2)
    await finish()
    expect(await refusalOf(imported)).toBe('user_deleted')
    expect(stytchUser(bed, waiting)).toBeUndefined()

    for (const user of [imported, waiting]) await change(bed, user, { blocked: false })
    await arrive(bed, channel, 2)
    expect(await refusalOf(imported)).toBeNull()
    expect(stytchUser(bed, waiting)).toMatchObject({ emails: [{ email: waiting.email }] })
  })

  it('a deletion reaches a user whom nobody has used', async () => {
    const { imported, waiting, finish } = await duringImport(channel)
    for (const user of [imported, waiting]) await remove(bed, user)
    // No search finds a deleted user whom the app does not know. The poll finds them after the import.
    if (channel === 'poll') await finish()
    await arrive(bed, channel, 2)
    await finish()
    expect(usersAtStytch(bed)).toEqual([])
    expect((await identitiesOf(imported)).stytch).toBeNull()
    expect(await forwardEvents(bed, imported)).toContain('written deleted')
  })
})
