import { sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { revocations } from '../../db/schema'
import { closeTestDatabase, openTestDatabase } from '../../db/testing'
import { confirmRevoked, findRevocation, revocationOf } from '../../revocation/revocation-list'
import {
  endDuplicateSessions,
  endSession,
  endUnknownSession,
  sessionToEnd,
} from '../../stytch/end-session'
import { stytchIssuer, stytchIssuerName } from '../../stytch/issuer'
import { readStytchSession, refreshStytchSession } from '../../stytch/session'
import { readCredentials } from '../../token/credentials'
import { carryOver } from '../migration/carry-over'
import { closeQueue } from '../mirror/queue'
import { makeJobsDue, newAddress, setUpTestBed } from '../mirror/testing'
import { prune } from '../retention'
import { registry } from '../routing/registry'
import { legacySessionOfToken } from '../routing/testing'
import { drainRevocations } from './drain'
import { revokeLater } from './jobs'

const bed = setUpTestBed()
beforeEach(async () => {
  await bed.stytch.control('DELETE', 'faults')
  await bed.db.delete(revocations)
})

const breakStytch = (fault: object = { drop: true }) =>
  bed.stytch.control('PUT', 'faults', [{ path: '/v1/sessions/revoke', ...fault }])

type Tokens = { session_token: string; session_jwt: string }
const read = (tokens: Tokens, now = new Date()) =>
  readStytchSession(
    readCredentials(
      new Headers({
        cookie: `stytch_session=${tokens.session_token}; stytch_session_jwt=${tokens.session_jwt}`,
      }),
    ),
    registry(),
    now,
  )

/** A session at Stytch, as a browser holds it. */
async function newSession() {
  const { body } = await bed.stytch.control('POST', 'session', { email: newAddress(), minutes: 60 })
  const tokens: Tokens = body
  const session = sessionToEnd(await read(tokens), stytchIssuerName(), new Date())
  if (!session) throw new Error('the session has no id')
  return { tokens, session }
}

const signOut = (session: Awaited<ReturnType<typeof newSession>>['session']) =>
  endSession(session, 'signed_out', new Date(), revokeLater(session))

/** Refreshes a copied session token, as the middleware does, and checks the list, as Node does. */
async function useCopy({ session_token }: Tokens) {
  const copied = { state: 'refreshable', sessionToken: session_token, expected: null } as const
  const { reading } = await refreshStytchSession(copied, stytchIssuer())
  if (reading.state !== 'valid') return reading
  return findRevocation({ ...reading.session, issuer: stytchIssuerName() })
}

const isAlive = async ({ session_token }: Tokens): Promise<boolean> =>
  bed.stytch.stytch.sessions.authenticate({ session_token }).then(
    () => true,
    () => false,
  )

describe('after a sign-out', () => {
  it.each([
    ['drops the call', { drop: true }],
    ['answers 500', { status: 500, body: { error: 'no' } }],
    [
      'refuses our keys',
      {
        status: 401,
        body: {
          status_code: 401,
          error_type: 'unauthorized_credentials',
          error_message: '',
          error_url: '',
        },
      },
    ],
  ])(
    'while Stytch %s, a copied session token is refused, and a job revokes it later',
    async (_, fault) => {
      const { tokens, session } = await newSession()
      await breakStytch(fault)
      expect(await signOut(session)).toBe(true)
      expect(await isAlive(tokens)).toBe(true)
      expect(await useCopy(tokens)).toBe('session_ended')

      await bed.stytch.control('DELETE', 'faults')
      await makeJobsDue(bed)
      expect(await drainRevocations()).toEqual({ done: 1, failed: 0 })
      expect(await isAlive(tokens)).toBe(false)
    },
  )

  it('a copied JWT is refused at once, and Stytch needs no job', async () => {
    const { tokens, session } = await newSession()
    expect(await signOut(session)).toBe(true)
    const copy = await read(tokens)
    if (copy.state !== 'valid') throw new Error(`the copy is ${copy.state}`)
    const listed = { ...copy.session, issuer: stytchIssuerName() }
    expect(await findRevocation(listed)).toBe('session_ended')
    await makeJobsDue(bed)
    expect(await drainRevocations()).toEqual({ done: 0, failed: 0 })
  })

  it('with an expired JWT, its session is refused nevertheless', async () => {
    const { tokens } = await newSession()
    const later = new Date(Date.now() + 6 * 60_000)
    const session = sessionToEnd(await read(tokens, later), stytchIssuerName(), later)
    await breakStytch()
    if (session) await signOut(session)
    expect(await useCopy(tokens)).toBe('session_ended')
  })

  it('the job fails while Stytch does not answer, and is kept', async () => {
    const { tokens, session } = await newSession()
    await breakStytch()
    await signOut(session)
    await makeJobsDue(bed)
    expect(await drainRevocations()).toEqual({ done: 0, failed: 1 })
    await bed.stytch.control('DELETE', 'faults')
    await makeJobsDue(bed)
    expect(await drainRevocations()).toEqual({ done: 1, failed: 0 })
    expect(await isAlive(tokens)).toBe(false)
  })

  it('neither the job nor the list holds a token', async () => {
    const { tokens, session } = await newSession()
    await breakStytch()
    await signOut(session)
    const jobs = await bed.db.execute(sql`select * from pgboss.job`)
    const rows = await bed.db.select().from(revocations)
    const stored = JSON.stringify([jobs.rows, rows])
    expect(stored).toContain(session.sessionId)
    expect(JSON.stringify(rows)).not.toContain(session.sessionId)
    for (const token of Object.values(tokens)) expect(stored).not.toContain(token)
  })

  it('another session of the user is served', async () => {
    const { session } = await newSession()
    await signOut(session)
    const other = await newSession()
    expect(await useCopy(other.tokens)).toBeNull()
  })
})

describe('the row of an ended session', () => {
  it('is kept until its last JWT has expired once Stytch has revoked it, and otherwise as long as the session', async () => {
    const { session } = await newSession()
    await breakStytch()
    await signOut(session)
    const minutes = (count: number) => new Date(Date.now() + count * 60_000)
    await prune(minutes(59))
    expect(await bed.db.$count(revocations)).toBe(1)
    await confirmRevoked(session, new Date())
    await prune(minutes(9))
    expect(await bed.db.$count(revocations)).toBe(1)
    await prune(minutes(11))
    expect(await bed.db.$count(revocations)).toBe(0)
  })
})

describe('a claim', () => {
  it('gives no copy of a legacy token the Stytch session that the user signed out of during an outage', async () => {
    const { body } = await bed.auth0.control('POST', 'token', { email: 'grace@example.com' })
    const legacy = await legacySessionOfToken(body.access_token)
    const migrate = () =>
      carryOver(legacy, async () => legacy.accessToken, {
        now: new Date(),
        policy: { version: 1 },
      })
    const migrated = await migrate()
    if (migrated.result !== 'migrated') throw new Error(JSON.stringify(migrated))
    const { sessionToken, sessionJwt } = migrated.tokens
    const reading = await read({ session_token: sessionToken, session_jwt: sessionJwt })
    const session = sessionToEnd(reading, stytchIssuerName(), new Date())
    await breakStytch()
    if (session) await signOut(session)
    expect(await migrate()).toEqual({ result: 'ended', reason: 'stytch_session_ended' })
  })
})

describe('while the database is unavailable', () => {
  it('a sign-out revokes the session at Stytch, and this instance refuses its JWT', async () => {
    const { tokens, session } = await newSession()
    const { tokens: others } = await newSession()
    await closeQueue()
    await closeTestDatabase()
    try {
      expect(await signOut(session)).toBe(true)
      expect(await isAlive(tokens)).toBe(false)
      const [ended, other] = await Promise.all([read(tokens), read(others)])
      if (ended.state !== 'valid' || other.state !== 'valid') throw new Error('no session')
      const issuer = stytchIssuerName()
      expect(await revocationOf({ ...ended.session, issuer })).toBe('session_ended')
      // An outage must not sign users out.
      expect(await revocationOf({ ...other.session, issuer })).toBeNull()
    } finally {
      bed.db = await openTestDatabase()
    }
  })

  it('and Stytch does not answer either, a sign-out says that it is not complete', async () => {
    const { session } = await newSession()
    await closeQueue()
    await closeTestDatabase()
    try {
      await breakStytch()
      expect(await signOut(session)).toBe(false)
    } finally {
      bed.db = await openTestDatabase()
    }
  })
})

describe('a sign-out with cookies that a sibling subdomain planted', () => {
  const signOutWith = (cookies: string[]) =>
    endDuplicateSessions(
      readCredentials(new Headers({ cookie: cookies.join('; ') })),
      { registry: registry(), issuer: stytchIssuerName() },
      new Date(),
      revokeLater,
    )
  const cookiesOf = ({ session_token, session_jwt }: Tokens) => [
    `stytch_session=${session_token}`,
    `stytch_session_jwt=${session_jwt}`,
  ]

  it("lists the user's own session beside another genuine one, while Stytch does not answer", async () => {
    const [attacker, own] = [await newSession(), await newSession()]
    await breakStytch()
    await signOutWith([...cookiesOf(attacker.tokens), ...cookiesOf(own.tokens)])
    expect(await useCopy(own.tokens)).toBe('session_ended')
  })

  it("is not called complete when the user's own cookie is behind too many others", async () => {
    const { tokens } = await newSession()
    const planted = [1, 2, 3, 4].map((n) => `stytch_session=planted-${n}-${crypto.randomUUID()}`)
    expect(await signOutWith([...planted, `stytch_session=${tokens.session_token}`])).toBe(false)
    expect(await isAlive(tokens)).toBe(true)
  })
})

it('made-up tokens in the cookies of sign-outs do not use up the rate limit at Stytch', async () => {
  await bed.stytch.control('DELETE', 'requests')
  const madeUp = Array.from({ length: 133 }, () => `made-up-${crypto.randomUUID()}`)
  await Promise.all(madeUp.map((token) => endUnknownSession(token)))
  const { body } = await bed.stytch.control('GET', 'requests')
  const calls = body.filter(({ path }: { path: string }) => path === '/v1/sessions/revoke')
  expect(calls.length).toBeGreaterThan(0)
  expect(calls.length).toBeLessThanOrEqual(20)
})
