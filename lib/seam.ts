import 'server-only'
import { cookies, headers } from 'next/headers'
import QuickLRU from 'quick-lru'
import type { Account, Identity } from './account/account'
import { config } from './config'
import { recordEvent, recordFailure } from './cutover/events/record'
import { carryOverCurrentSession } from './cutover/migration/carry-over-current-session'
import { endClaim, isClaimEnded, type SessionKeys, sessionKeys } from './cutover/migration/claim'
import { announceToMirror, mirrorIsOn, mirrorPassword } from './cutover/mirror/enqueue'
import { startWorker } from './cutover/mirror/worker'
import { type MigrationSoFar, migrationSoFar } from './cutover/observability/migration-progress'
import { observeOutage, observeRequest } from './cutover/observability/observe-request'
import { stytchSessionKey } from './cutover/observability/sightings'
import { fallbackPolicy } from './cutover/policy/source'
import type { Assessment } from './cutover/routing/assess'
import { assessCurrentRequest, currentFlag } from './cutover/routing/current-request'
import { refusalOf } from './cutover/routing/refusal'
import { registry } from './cutover/routing/registry'
import { legacyAccount } from './cutover/session/legacy-account'
import { errorText } from './error-text'
import { expireLegacyCookies } from './legacy/cookies'
import { isSessionCookie, readLegacySession } from './legacy/session'
import { legacyLogoutUrl, revokeLegacySession } from './legacy/sign-out'
import { perProcess } from './per-process'
import type { ProviderFailure } from './provider-failure'
import { requestTime } from './request/clock'
import type { RequestKind } from './request/kind'
import { stytchAccount } from './stytch/account'
import { stytchIssuerName } from './stytch/issuer'
import type { SignedIn } from './stytch/sign-in'
import { readCredentials } from './token/credentials'

/**
 * The seam: all that the product uses of the migration. Pages, actions and the viewer know this file and
 * neither `lib/cutover` nor `lib/legacy`, so that the last step of the migration is to delete those two
 * and put docs/after-the-migration/seam.ts in this file's place.
 */

/** What the current request amounts to. */
export type RequestReading = {
  session: {
    lane: 'stytch' | 'legacy'
    issuer: string
    subject: string
    expiresAt: Date
    /** False for an access token that was issued to somebody else's client of our API. */
    isFirstParty: boolean
  } | null
  /** Whose session it is; null when that cannot be told at the moment. */
  account(): Promise<Account | null>
  /** Why it was decided so, in a word. */
  reason: string
  flow: { name: 'stytch' | 'legacy'; reason: string }
  policyVersion: number
  /** What an API answers when there is no session. */
  refusal: { status: 401 | 503; body: object; headers: Record<string, string> }
}

/** Reads and verifies the credentials of the current request. */
export async function readRequest(kind: RequestKind): Promise<RequestReading> {
  const [assessed, received] = await Promise.all([assessCurrentRequest(kind), headers()])
  const now = requestTime(received)
  const { cohort, policy, stytch, legacy } = assessed
  const rest = {
    reason: assessed.refusal ?? assessed.verdict.reason,
    flow: { name: cohort.flow, reason: cohort.reason },
    policyVersion: policy.version,
  }
  if (assessed.verdict.lane === 'stytch' && stytch.state === 'valid') {
    const proof = { ...stytch.session, issuer: stytch.session.issuer.canonicalName }
    const sessionKey = stytchSessionKey(proof.sessionId)
    observeRequest(received, assessed, { lane: 'stytch', sessionKey }, now)
    return {
      ...rest,
      session: { ...proof, lane: 'stytch', isFirstParty: true },
      account: () =>
        stytchAccount(
          proof,
          null,
          formerIdentity,
          announceToMirror(proof.subject, null, new Date()),
        ),
      refusal: refusalOf(assessed),
    }
  }
  const isLegacy = assessed.verdict.lane === 'legacy' && legacy.state === 'valid'
  const keys = isLegacy ? await sessionKeys(legacy.session) : null
  if (isLegacy && keys && !(await isSignedOut(keys))) {
    const { session } = legacy
    observeRequest(received, assessed, { lane: 'legacy', sessionKey: keys.sessionKey }, now)
    return {
      ...rest,
      session: { ...session, lane: 'legacy', issuer: session.issuer.canonicalName },
      account: () => legacyAccount(session),
      refusal: refusalOf(assessed),
    }
  }
  observeRequest(received, assessed, null, now)
  return {
    ...rest,
    reason: isLegacy ? 'session_ended' : rest.reason,
    session: null,
    account: async () => null,
    refusal: refusalOf(isLegacy ? asEnded(assessed) : assessed),
  }
}

const asEnded = (assessed: Assessment): Assessment => ({
  ...assessed,
  refusal: 'session_ended',
  verdict: { ...assessed.verdict, action: 'refuse', lane: 'anonymous' },
})

/**
 * A sealed legacy cookie or an access token is good until it ends, wherever it was copied to: that is how the
 * SDK works. What was signed out here, or ended at Stytch after it was carried over, is written down, and
 * that counts. While the database is away it cannot be looked up, and nobody is signed out for that.
 */
const isSignedOut = (keys: SessionKeys): Promise<boolean> => isClaimEnded(keys).catch(() => false)

/** Which login this device is shown: its sealed flag cookie says, and the middleware keeps that in step with the policy. */
export async function loginFlow(): Promise<'stytch' | 'legacy'> {
  return (await currentFlag())?.flow ?? 'legacy'
}

/** Carries the legacy session of this browser over to Stytch, if the policy says so. */
export const migrateSession = carryOverCurrentSession

/** At Stytch, the legacy subject is the `external_id`. */
const formerIdentity = (externalId: string): Identity => ({
  issuer: config().auth0.issuer,
  subject: externalId,
})

/** A password as it was typed; `isNew` when it was set with this sign-in. */
export type TypedPassword = { text: string; isNew: boolean }

/** The account of someone who has just signed in at Stytch; null while the database is away. */
export async function signedIn(
  opened: SignedIn,
  method: string,
  password: TypedPassword | null = null,
): Promise<Account | null> {
  const { user } = opened
  const identity = { issuer: stytchIssuerName(), subject: user.id }
  // Without the database the person is signed in all the same; the account is found at the next sight.
  const account = await openMirrored(opened, password).catch(() => null)
  const received = await headers()
  const now = requestTime(received)

  // A legacy session in this browser that is somebody else's would come to light again when this one ends.
  const legacy = await readLegacySession(readCredentials(received), registry(), now)
  if (legacy.state === 'valid') {
    const theirs = await legacyAccount(legacy.session).catch(() => null)
    const isSamePerson =
      account && theirs ? account.id === theirs.id : legacy.session.profile?.email === user.email
    if (!isSamePerson) expireLegacyCookies(await cookies())
  }
  await recordEvent({
    at: now,
    kind: 'sign_in',
    accountId: account?.id ?? null,
    ...identity,
    lane: 'stytch',
    result: 'signed_in',
    reason: method,
    milliseconds: 0,
    policyVersion: 0,
  })
  return account
}

/** The account of a Stytch user, whose legacy record follows: at first sight, and with every new password. */
async function openMirrored(
  { user, ...opened }: SignedIn,
  password: TypedPassword | null,
): Promise<Account> {
  // The time of the queue is the server's: a test that travels with one browser does not take it along.
  const now = new Date()
  let isTold = false
  const prepare = announceToMirror(user.id, password, now)
  const account = await stytchAccount(
    { ...opened, issuer: stytchIssuerName() },
    user,
    formerIdentity,
    async () => {
      const announce = await prepare()
      return async (tx, born, news) => {
        await announce(tx, born, news)
        isTold = true
      }
    },
  )
  if (password?.isNew && !isTold) {
    await mirrorPassword(account, user.id, password.text, now).catch((error: Error) =>
      console.error(`mirror: a new password could not be passed on: ${error.name}`),
    )
  }
  return account
}

/** A provider did not answer somebody who was signing in: an operator must see it. */
export const noteFailedSignIn = async ({ provider, code }: ProviderFailure): Promise<void> =>
  recordFailure('sign_in', `${provider}_${code}`, requestTime(await headers()))

/** Somebody is shown that the provider does not answer: an operator must see it too. */
export async function noteOutage(): Promise<void> {
  const received = await headers()
  observeOutage(received, requestTime(received))
}

/** What the health check says of the migration. */
export const migrationHealth = (): Record<string, string> => ({
  mirror: mirrorIsOn() ? 'on' : 'off',
})

/** How far it has come, for the guided tour; null where there is no migration any more. */
export type SoFar = MigrationSoFar
export const soFar = (accountId: string | null): Promise<SoFar | null> => migrationSoFar(accountId)

/** Starts what the migration does beside requests. Once, when the server starts. */
export const startMigrationWork = (): void => startWorker()

const { value: signOuts } = perProcess(
  'sign-outs',
  () => new QuickLRU<string, true>({ maxSize: 5_000, maxAge: 600_000 }),
)

/**
 * Ends the legacy session of this browser beside the other one: left behind, it would sign the person in again.
 * @returns where the browser must go next, to end the session at Auth0 too; null when there was none
 */
export async function signedOut(reading: RequestReading): Promise<string | null> {
  const [jar, received] = await Promise.all([cookies(), headers()])
  const now = requestTime(received)
  const hadLegacy = jar.getAll().some(({ name }) => isSessionCookie(name))
  const legacy = await readLegacySession(readCredentials(received), registry(), now)
  if (legacy.state === 'valid') {
    // Also stops a migration that is under way: it will find that there is nothing left to carry over.
    await endClaim(await sessionKeys(legacy.session), now).catch((error: Error) =>
      console.error(`sign-out: could not be written down: ${errorText(error)}`),
    )
  }
  if (hadLegacy) await revokeLegacySession()
  expireLegacyCookies(jar)
  const { session } = reading
  // Written down once: a token that was copied is good for a few minutes more, and must not fill the table.
  const key = session && `${session.issuer} ${session.subject} ${session.expiresAt.getTime()}`
  if (session && key && !signOuts.has(key)) {
    signOuts.set(key, true)
    await recordEvent({
      at: now,
      kind: 'sign_out',
      accountId: (await reading.account().catch(() => null))?.id ?? null,
      issuer: session.issuer,
      subject: session.subject,
      lane: 'anonymous',
      result: 'signed_out',
      reason: session.lane,
      milliseconds: 0,
      policyVersion: reading.policyVersion,
    })
  }
  return hadLegacy ? legacyLogoutUrl() : null
}

/** What of the environment only the migration reads. @throws when it cannot work */
export const checkMigrationEnvironment = (): void => void fallbackPolicy()
