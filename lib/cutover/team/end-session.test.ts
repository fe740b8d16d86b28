import { beforeEach, describe, expect, it } from 'vitest'
import { revocations } from '../../db/schema'
import { findRevocation } from '../../revocation/revocation-list'
import { readStytchSession } from '../../stytch/session'
import { memberIdentity } from '../../team/member-account'
import { readCredentials } from '../../token/credentials'
import { makeJobsDue, setUpTestBed } from '../mirror/testing'
import { drainRevocations } from '../revocation/drain'
import { members } from './audience'
import { endCurrentMemberSession, endReplacedMemberSession } from './end-session'

const bed = setUpTestBed()
beforeEach(async () => {
  await bed.stytch.control('DELETE', 'faults')
  await bed.stytch.control('DELETE', 'requests')
  await bed.db.delete(revocations)
})

type Tokens = { session_token: string; session_jwt: string }

const anHourAgo = Math.floor(Date.now() / 1_000) - 3_600
const expired = { iat: anHourAgo, nbf: anHourAgo, exp: anHourAgo + 300 }

const newSession = async (organization = 'acme', claims: object = {}): Promise<Tokens> =>
  (
    await bed.stytch.control('POST', 'b2b/session', {
      email: 'edsger@acme.example',
      organization,
      claims,
    })
  ).body

const asRequest = (tokens: Tokens, more = '') =>
  new Headers({
    cookie: `stytch_b2b_session=${tokens.session_token}; stytch_b2b_session_jwt=${tokens.session_jwt}${more}`,
  })

const isAlive = ({ session_token }: Tokens): Promise<boolean> =>
  bed.stytch.b2b.sessions.authenticate({ session_token }).then(
    () => true,
    () => false,
  )

/** Checks the list for a session, as every page, action and API call of a team does. */
async function checkList(tokens: Tokens) {
  const credentials = readCredentials(asRequest(tokens))
  const reading = await readStytchSession(
    credentials,
    members.registry(),
    new Date(),
    members.project,
  )
  if (reading.state !== 'valid' || !reading.session.organization) throw new Error(reading.state)
  const { organization, ...session } = reading.session
  return findRevocation({ ...session, ...memberIdentity({ ...session, organization }) })
}

const callsOf = async (path: string): Promise<number> =>
  (await bed.stytch.control('GET', 'requests')).body.filter(
    (each: { path: string }) => each.path === path,
  ).length

describe('the sign-out of a member', () => {
  it('ends the session in the list and at the B2B API', async () => {
    const session = await newSession()
    expect(await endCurrentMemberSession(asRequest(session), new Date())).toBe(true)
    expect(await checkList(session)).toBe('session_ended')
    expect(await isAlive(session)).toBe(false)
    expect(await callsOf('/v1/sessions/revoke')).toBe(0)
  })

  it('leaves the same person signed in to another organization', async () => {
    const [acme, initech] = [await newSession('acme'), await newSession('initech')]
    await endCurrentMemberSession(asRequest(acme), new Date())
    expect(await checkList(initech)).toBeNull()
    expect(await isAlive(initech)).toBe(true)
  })

  it('ends a session whose JWT has expired', async () => {
    const session = await newSession('acme', expired)
    expect(await endCurrentMemberSession(asRequest(session), new Date())).toBe(true)
    expect(await isAlive(session)).toBe(false)
  })

  it('ends the session among planted cookies', async () => {
    const session = await newSession()
    const planted = '; stytch_b2b_session=planted-planted-planted-planted'
    await endCurrentMemberSession(asRequest(session, planted), new Date())
    expect(await isAlive(session)).toBe(false)
  })

  it('is retried at the B2B API by a job while Stytch does not answer', async () => {
    const session = await newSession()
    const path = '/v1/b2b/sessions/revoke'
    await bed.stytch.control('PUT', 'faults', [{ path, drop: true }])
    expect(await endCurrentMemberSession(asRequest(session), new Date())).toBe(true)
    expect(await checkList(session)).toBe('session_ended')
    expect(await isAlive(session)).toBe(true)
    await bed.stytch.control('DELETE', 'faults')
    await makeJobsDue(bed)
    expect(await drainRevocations()).toEqual({ done: 1, failed: 0 })
    expect(await isAlive(session)).toBe(false)
    expect(await callsOf('/v1/sessions/revoke')).toBe(0)
  })

  it('does not touch the session of a consumer in the same browser', async () => {
    const { body: consumer } = await bed.stytch.control('POST', 'session', {
      email: 'ada@example.com',
    })
    const cookies = `; stytch_session=${consumer.session_token}; stytch_session_jwt=${consumer.session_jwt}`
    await endCurrentMemberSession(asRequest(await newSession(), cookies), new Date())
    const { session_token } = consumer
    await expect(bed.stytch.stytch.sessions.authenticate({ session_token })).resolves.toBeDefined()
  })
})

describe('the sign-in of a member', () => {
  it('ends the session that it replaces, also one of another organization', async () => {
    const acme = await newSession('acme')
    await endReplacedMemberSession(asRequest(acme), 'session-of-initech', new Date())
    expect(await checkList(acme)).toBe('session_ended')
    expect(await isAlive(acme)).toBe(false)
  })

  it('keeps a session to which it only added a factor', async () => {
    const session = await newSession()
    const credentials = readCredentials(asRequest(session))
    const reading = await readStytchSession(
      credentials,
      members.registry(),
      new Date(),
      members.project,
    )
    const { sessionId } = reading.state === 'valid' ? reading.session : { sessionId: '' }
    await endReplacedMemberSession(asRequest(session), sessionId, new Date())
    expect(await isAlive(session)).toBe(true)
  })
})
