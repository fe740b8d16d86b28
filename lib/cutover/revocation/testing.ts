import { NextRequest } from 'next/server'
import { beforeEach, expect } from 'vitest'
import { POST } from '../../../app/(cutover)/api/webhooks/auth0/route'
import { appEnvironment, auth0Tenant } from '../../../sandbox/settings.ts'
import { type Account, findAccount } from '../../account/account'
import { accounts, revocations } from '../../db/schema'
import type { LegacySession } from '../../legacy/session'
import { findRevocation } from '../../revocation/revocation-list'
import { stytchIssuerName } from '../../stytch/issuer'
import type { StytchSession } from '../../stytch/session'
import { carryOver } from '../migration/carry-over'
import { findLegacyRevocation } from '../migration/legacy-revocation'
import { goodPassword, newAddress, setUpTestBed, type TestBed } from '../mirror/testing'
import { legacySessionOfToken, stytchSessionOfJwt } from '../routing/testing'
import { legacyPoll } from '../schema'
import { drainRevocations } from './drain'

/** Only for tests: people whose sessions were carried over, and what Auth0 does with them. */

let opened: TestBed | undefined
const bed = (): TestBed => {
  if (!opened) throw new Error('The test bed is not open.')
  return opened
}

/** Opens the test bed for one test file. Each test begins with an empty list and without accounts. */
export function setUpPeople(): TestBed {
  opened = setUpTestBed()
  beforeEach(async () => {
    await Promise.all([bed().stytch, bed().auth0].map(({ control }) => control('DELETE', 'faults')))
    for (const table of [revocations, legacyPoll, accounts]) await bed().db.delete(table)
  })
  return opened
}

export const management = async (method: string, path: string, body?: object) => {
  const { body: token } = await bed().auth0.machineToken()
  const response = await fetch(`${bed().auth0.url}/api/v2/${path}`, {
    method,
    headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(await response.text())
}
export const recordPath = ({ legacy }: Person) => `users/${encodeURIComponent(legacy.subject)}`
export const block = (person: Person) => management('PATCH', recordPath(person), { blocked: true })
export const unblock = (person: Person) =>
  management('PATCH', recordPath(person), { blocked: false })
export const remove = (person: Person) => management('DELETE', recordPath(person))

export type Person = {
  email: string
  account: Account
  legacy: LegacySession
  stytch: StytchSession
  sessionToken: string
}

async function legacySessionOf(email: string): Promise<LegacySession> {
  const { body } = await bed().auth0.control('POST', 'token', {
    email,
    claims: { jti: crypto.randomUUID() },
  })
  return legacySessionOfToken(body.access_token)
}

export const carry = (session: LegacySession) =>
  carryOver(session, async () => session.accessToken, { now: new Date(), policy: { version: 1 } })

/** A person whose session was carried over. */
export async function carriedOver(): Promise<Person> {
  const email = newAddress()
  await management('POST', 'users', {
    connection: auth0Tenant.connection,
    email,
    password: goodPassword,
    email_verified: true,
  })
  const legacy = await legacySessionOf(email)
  const outcome = await carry(legacy)
  if (outcome.result !== 'migrated') throw new Error(JSON.stringify(outcome))
  const stytch = await stytchSessionOfJwt(outcome.tokens.sessionJwt)
  const account = await findAccount({ issuer: stytchIssuerName(), subject: stytch.subject })
  if (!account) throw new Error('no account')
  return { email, account, legacy, stytch, sessionToken: outcome.tokens.sessionToken }
}

/** Checks the list for a session, as every page, action and API call does. */
export const checkStytch = (session: StytchSession) =>
  findRevocation({ ...session, issuer: stytchIssuerName() })
export const checkLegacy = findLegacyRevocation

export const isAlive = ({ sessionToken }: Person): Promise<boolean> =>
  bed()
    .stytch.stytch.sessions.authenticate({ session_token: sessionToken })
    .then(
      () => true,
      () => false,
    )

export const post = async (
  body: string,
  authorization: string | null = appEnvironment.AUTH0_WEBHOOK_SECRET as string,
) => {
  const headers: Record<string, string> = authorization === null ? {} : { authorization }
  const url = 'http://localhost/api/webhooks/auth0'
  const response = await POST(new NextRequest(url, { method: 'POST', body, headers }))
  const { result, error } = (await response.json()) as { result?: string; error?: { code: string } }
  return [response.status, result ?? error?.code]
}
export const event = (type: string, user_id: string, more: object = {}) =>
  JSON.stringify({ specversion: '1.0', type, id: 'evt_1', data: { object: { user_id, ...more } } })

/** Lets the app learn of it, and runs the jobs. */
export async function hear(subject: string, type = 'user.updated') {
  expect(await post(event(type, subject))).toEqual([200, 'enqueued'])
  await drainRevocations()
}
