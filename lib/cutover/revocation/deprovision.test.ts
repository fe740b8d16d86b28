import { NextRequest } from 'next/server'
import { describe, expect, it } from 'vitest'
import { POST } from '../../../app/(cutover)/api/webhooks/stytch/route'
import { stytchProject } from '../../../sandbox/settings.ts'
import { signedHeaders } from '../../../sandbox/stytch/webhooks.ts'
import { openAccount } from '../../account/account'
import { UserDeleted } from '../../account/user-deleted'
import { legacyConfig } from '../../legacy/config'
import { stytchAccount } from '../../stytch/account'
import { stytchIssuerName } from '../../stytch/issuer'
import { signedInOf } from '../../stytch/sign-in'
import { eventsOf, makeJobsDue, newAddress } from '../mirror/testing'
import { stytchSessionOfJwt } from '../routing/testing'
import { legacyIdentity } from '../session/legacy-identity'
import { deprovision } from './deprovision'
import { drainRevocations } from './drain'
import {
  block,
  carriedOver,
  carry,
  checkLegacy,
  checkStytch,
  event,
  hear,
  isAlive,
  management,
  post,
  recordPath,
  remove,
  setUpPeople,
  unblock,
} from './testing.ts'

/** A user is blocked or deleted at Auth0 after their session was carried over to Stytch. */

const bed = setUpPeople()

describe.each([
  ['blocked', block, 'user.updated', 'user_deleted', 'legacy_blocked'],
  ['deleted', remove, 'user.deleted', 'session_ended', 'legacy_deleted'],
] as const)('a user who was %s at Auth0', (_, act, type, code, reason) => {
  it('keeps neither their Stytch session nor their legacy session', async () => {
    const grace = await carriedOver()
    expect(await checkStytch(grace.stytch)).toBeNull()
    await act(grace)
    await hear(grace.legacy.subject, type)
    expect(await checkStytch(grace.stytch)).toBe(code)
    expect(await checkLegacy(grace.legacy)).toBe(code)
    expect(await isAlive(grace)).toBe(false)
    expect(await carry(grace.legacy)).toEqual({ result: 'ended', reason: code })
    expect(await eventsOf(bed, grace.account)).toContain(`deprovision sessions_ended ${reason}`)
  })

  it('is refused also while Stytch does not answer, and revoked there later', async () => {
    const grace = await carriedOver()
    await act(grace)
    await bed.stytch.control('PUT', 'faults', [{ path: '/v1/sessions*', status: 500 }])
    await hear(grace.legacy.subject, type)
    expect(await checkStytch(grace.stytch)).toBe(code)
    await bed.stytch.control('DELETE', 'faults')
    expect(await isAlive(grace)).toBe(true)
    await makeJobsDue(bed)
    await drainRevocations()
    expect(await isAlive(grace)).toBe(false)
  })

  it('makes one event, though the message arrives three times', async () => {
    const grace = await carriedOver()
    const before = (await eventsOf(bed, grace.account)).length
    await act(grace)
    for (let n = 0; n < 3; n++) await hear(grace.legacy.subject, type)
    expect((await eventsOf(bed, grace.account)).slice(before)).toEqual([
      `deprovision sessions_ended ${reason}`,
    ])
  })
})

it('the Management API of another tenant, which knows no user, ends no session by a message', async () => {
  const grace = await carriedOver()
  await bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/users/*', status: 404 }])
  await hear(grace.legacy.subject, 'user.updated')
  expect(await checkStytch(grace.stytch)).toBeNull()
  // A log stream names the user of this operation alike.
  const request = { method: 'DELETE', path: `/api/v2/users/${grace.legacy.subject}/authenticators` }
  await post(JSON.stringify([{ data: { type: 'sapi', details: { request } } }]))
  await drainRevocations()
  expect(await checkStytch(grace.stytch)).toBeNull()
  await bed.auth0.control('DELETE', 'faults')
})

describe('a user who was blocked at Auth0', () => {
  it('gets in with no new sign-in at Stytch', async () => {
    const grace = await carriedOver()
    await block(grace)
    await hear(grace.legacy.subject)
    const { body } = await bed.stytch.control('POST', 'session', {
      email: grace.email,
      minutes: 60,
    })
    expect(await checkStytch(await stytchSessionOfJwt(body.session_jwt))).toBe('user_deleted')
  })

  it('does not get in with the first request of a new identity at Stytch', async () => {
    const email = newAddress()
    const legacy = { issuer: legacyConfig().issuer, subject: `auth0|${crypto.randomUUID()}` }
    const facts = { key: 'before the block', startedAt: new Date() }
    const proof = { by: facts.key, at: facts.startedAt }
    await openAccount({ ...legacy, email, name: '', isCurrent: true, session: facts, proof })
    await deprovision(legacy, 'blocked', new Date())

    const { email_id: method_id } = await bed.stytch.stytch.otps.email.loginOrCreate({ email })
    const code = (await bed.stytch.lastMessage()).code ?? ''
    const later = { method_id, code, session_duration_minutes: 60 }
    const signedIn = signedInOf(await bed.stytch.stytch.otps.authenticate(later))
    const session = { ...signedIn, issuer: stytchIssuerName() }
    await expect(stytchAccount(session, null, legacyIdentity)).rejects.toThrow(UserDeleted)
  })

  it('can sign in again after they were unblocked, and their old sessions stay ended', async () => {
    const grace = await carriedOver()
    await block(grace)
    await hear(grace.legacy.subject)
    await unblock(grace)
    await hear(grace.legacy.subject)
    expect(await checkStytch(grace.stytch)).toBe('session_ended')
    const { body } = await bed.stytch.control('POST', 'session', {
      email: grace.email,
      minutes: 60,
    })
    const later = await stytchSessionOfJwt(body.session_jwt)
    const nextMinute = new Date(Date.now() + 60_000)
    expect(await checkStytch({ ...later, startedAt: nextMinute })).toBeNull()
    expect(await eventsOf(bed, grace.account)).toContain('deprovision unblocked legacy_unblocked')
  })

  describe('and was unblocked', () => {
    const inAMinute = () => new Date(Date.now() + 60_000)
    const unblockedUser = async () => {
      const grace = await carriedOver()
      await block(grace)
      await hear(grace.legacy.subject)
      await unblock(grace)
      await hear(grace.legacy.subject)
      return grace
    }

    it('does not get in with an access token that was refreshed from a sign-in before the block', async () => {
      const { legacy } = await unblockedUser()
      const refreshed = { ...legacy, startedAt: inAMinute() }
      for (const signedInAt of [legacy.startedAt, null]) {
        const session = { ...refreshed, signedInAt }
        expect(await checkLegacy(session)).toBe('session_ended')
        expect(await carry(session)).toEqual({ result: 'ended', reason: 'session_ended' })
      }
    })

    it('gets in with a sign-in after that: on the web, or with a token that says its time', async () => {
      const { legacy } = await unblockedUser()
      const nextMinute = inAMinute()
      const later = { ...legacy, startedAt: nextMinute, signedInAt: nextMinute }
      expect(await checkLegacy(later)).toBeNull()
    })
  })

  it('stays blocked when they are deleted after that', async () => {
    const grace = await carriedOver()
    await block(grace)
    await hear(grace.legacy.subject)
    await remove(grace)
    await hear(grace.legacy.subject, 'user.deleted')
    expect(await checkStytch(grace.stytch)).toBe('user_deleted')
  })

  it('by the mirror, because their Stytch user was deleted, may sign up at Stytch again', async () => {
    const grace = await carriedOver()
    await management('PATCH', recordPath(grace), {
      blocked: true,
      app_metadata: { blocked_by_mirror: true },
    })
    await hear(grace.legacy.subject)
    expect(await checkStytch(grace.stytch)).toBe('session_ended')
    const nextMinute = new Date(Date.now() + 60_000)
    expect(
      await checkStytch({ ...grace.stytch, sessionId: 'new', startedAt: nextMinute }),
    ).toBeNull()
  })
})

describe('a message that says less than the record', () => {
  it('refuses to end the sessions of a user whom Auth0 has neither blocked nor deleted', async () => {
    const grace = await carriedOver()
    await hear(grace.legacy.subject, 'user.deleted')
    expect(await post(event('user.updated', grace.legacy.subject, { blocked: true }))).toEqual([
      200,
      'enqueued',
    ])
    await drainRevocations()
    expect(await checkStytch(grace.stytch)).toBeNull()
    expect(await isAlive(grace)).toBe(true)
  })

  it('while Auth0 does not answer, is checked later', async () => {
    const grace = await carriedOver()
    await block(grace)
    await bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/*', drop: true }])
    await hear(grace.legacy.subject)
    expect(await checkStytch(grace.stytch)).toBeNull()
    await bed.auth0.control('DELETE', 'faults')
    await makeJobsDue(bed)
    await drainRevocations()
    expect(await checkStytch(grace.stytch)).toBe('user_deleted')
  })
})

it('an access token without the time of the sign-in is served to a user who was never blocked', async () => {
  const { legacy } = await carriedOver()
  expect(legacy.signedInAt).toBeNull()
  expect(await checkLegacy(legacy)).toBeNull()
})

it('a user whom Stytch has deleted keeps no session on either lane', async () => {
  const grace = await carriedOver()
  await bed.stytch.stytch.users.delete({ user_id: grace.stytch.subject })
  const body = JSON.stringify({
    project_id: stytchProject.projectId,
    action: 'DELETE',
    object_type: 'user',
    id: grace.stytch.subject,
  })
  const headers = signedHeaders(stytchProject.webhook.secret, 'msg_1', body)
  const url = 'http://localhost/api/webhooks/stytch'
  const { status } = await POST(new NextRequest(url, { method: 'POST', body, headers }))
  expect(status).toBe(200)
  expect(await checkStytch(grace.stytch)).toBe('session_ended')
  expect(await checkLegacy(grace.legacy)).toBe('session_ended')
  expect(await eventsOf(bed, grace.account)).toContain('deprovision sessions_ended stytch_deleted')
  expect(await drainRevocations()).toEqual({ done: 1, failed: 0 })
})
