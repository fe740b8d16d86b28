import 'server-only'
import { type Account, linkIdentity, openAccount, subjectsOf } from '../account/account'
import { config } from '../config'
import { errorText } from '../error-text'
import { RefreshRefused } from '../legacy/access-token'
import type { LegacySession } from '../legacy/session'
import { fetchUserinfo, type Userinfo } from '../legacy/userinfo'
import { perProcess } from '../per-process'
import { ProviderFailure } from '../provider-failure'
import { StytchRefusal } from '../stytch/client'
import type { SessionTokens } from '../stytch/cookies'
import { stytchIssuerName } from '../stytch/issuer'
import { revokeSession } from '../stytch/revoke'
import { authenticateSession, isEnded } from '../stytch/session'
import type { SignedIn } from '../stytch/sign-in'
import { createUser, hasOtherSessions } from '../stytch/users'
import {
  backOff,
  type Claim,
  endClaim,
  lookAtClaim,
  type SessionKeys,
  sessionKeys,
  settleMigrated,
  settleUndone,
  takeClaim,
} from './claim'
import { recordEvent } from './events'
import { externalIdOf } from './external-id'
import { migrateSession } from './migrate-call'

/** Reasons for which a person stays where they are, signed in. Stable: they are in events and answers. */
export type RefusalReason =
  | 'email_not_verified'
  | 'access_token_unusable'
  | 'access_token_refused'
  | 'refresh_token_missing'
  | 'refresh_token_refused'
  | 'subject_mismatch'
  | 'email_differs'
  | 'client_not_allowed'
  | 'stytch_user_unproven'
  | 'account_conflict'
  | `stytch_${string}`

export type MigrationOutcome =
  | { result: 'migrated'; userId: string; tokens: SessionTokens }
  /** The Stytch session that this legacy session became was ended: this one has ended with it. */
  | { result: 'ended'; reason: 'stytch_session_ended' }
  | { result: 'refused'; reason: RefusalReason; retryAt: Date }
  | { result: 'failed'; reason: string; retryAt: Date }
  | { result: 'waiting'; reason: string; retryAt: Date }

/** Someone whom we decided not to carry over, as opposed to a call that did not work out. */
class Refused extends Error {
  readonly reason: RefusalReason
  constructor(reason: RefusalReason) {
    super(reason)
    this.reason = reason
  }
}

/** A refusal is about the person, not the moment: looked at again after this. In milliseconds. */
const refusedPause = 10 * 60 * 1_000

/** How long to wait for another holder of the claim before telling the client to come back. In milliseconds. */
const patience = 8_000
const glance = 100

/**
 * Carries a live legacy session over to Stytch: one legacy session becomes one Stytch session, whatever
 * the number of tabs, instances and retries. Whatever goes wrong, the legacy session stays as it was.
 *
 * @param session read and verified by the server from the session cookie or the Authorization header
 * @param freshToken gives a live access token for `session`; called by the holder of the claim only
 * @throws {DatabaseUnavailable} and driver errors before anything was asked of a provider: without
 *   the database there is no claim, and without a claim no migration
 */
export async function carryOver(
  session: LegacySession,
  freshToken: () => Promise<string>,
  { now, policyVersion }: { now: Date; policyVersion: number },
): Promise<MigrationOutcome> {
  const started = performance.now()
  const elapsed = () => performance.now() - started
  const time = () => new Date(now.getTime() + elapsed())
  const keys = await sessionKeys(session)

  let attempt = await takeClaim(keys, now)
  for (
    let pause = glance;
    attempt.state === 'busy' && elapsed() < patience;
    pause = Math.min(pause * 2, 800)
  ) {
    await new Promise((resolve) => setTimeout(resolve, pause))
    const seen = await lookAtClaim(keys, time())
    attempt = seen.state === 'free' ? await takeClaim(keys, time()) : seen
  }
  if (attempt.state === 'busy') {
    const retryAt = new Date(time().getTime() + 5_000)
    return { result: 'waiting', reason: 'in_progress', retryAt }
  }
  if (attempt.state === 'backing_off') {
    return { result: 'waiting', reason: attempt.reason, retryAt: attempt.retryAt }
  }
  if (attempt.state === 'ended') return { result: 'ended', reason: 'stytch_session_ended' }
  if (attempt.state === 'migrated') return answerAgain(keys, attempt.sessionToken, now)

  const { outcome, accountId } = await attemptMigration(session, freshToken, attempt.claim, time())
  await recordEvent({
    at: now,
    kind: 'migration',
    accountId,
    issuer: session.issuer.canonicalName,
    subject: session.subject,
    lane: outcome.result === 'migrated' ? 'stytch' : 'legacy',
    result: outcome.result,
    reason: outcome.result === 'migrated' ? 'carried_over' : outcome.reason,
    milliseconds: elapsed(),
    policyVersion,
  })
  return outcome
}

/** The answer of a migration that was done already: the same session, with a new JWT. */
async function answerAgain(
  keys: SessionKeys,
  sessionToken: string,
  now: Date,
): Promise<MigrationOutcome> {
  try {
    const { subject, tokens } = await authenticateSession(sessionToken)
    return { result: 'migrated', userId: subject, tokens }
  } catch (error) {
    if (!isEnded(error))
      return { result: 'waiting', reason: failureReason(error), retryAt: backOff(1, now) }
    await endClaim(keys, now)
    return { result: 'ended', reason: 'stytch_session_ended' }
  }
}

/** Sessions whose claim could not be settled because the database went away in between, by their claim. */
const unpromised = perProcess('unpromised-sessions', () => new Map<string, SignedIn>())

async function attemptMigration(
  session: LegacySession,
  freshToken: () => Promise<string>,
  claim: Claim,
  now: Date,
): Promise<{ outcome: MigrationOutcome; accountId: string | null }> {
  let account: Account | null = null
  let opened: SignedIn | null = null
  let isSettling = false
  const before = unpromised.value.get(claim.sessionKey)
  unpromised.value.delete(claim.sessionKey)
  if (before) await withdraw(before)
  try {
    if (session.tokenState === 'unusable') throw new Refused('access_token_unusable')
    if (!session.isFirstParty) throw new Refused('client_not_allowed')
    const accessToken = await freshToken()
    const person = await provePerson(session, accessToken)
    account = await openAccount({
      ...person,
      issuer: session.issuer.canonicalName,
      isCurrent: true,
    })

    const found = await openStytchSession(session, person, accessToken, now)
    opened = found.migrated
    const { user, tokens } = found.migrated
    await proveUser(found, person, session, account)
    const linked = await linkIdentity(account, {
      issuer: stytchIssuerName(),
      subject: user.id,
      email: user.email,
      emailVerified: user.emailVerified,
      name: user.name,
      isCurrent: true,
    })
    if (!linked) throw new Refused('account_conflict')
    isSettling = true
    if (!(await settleMigrated(claim, tokens, now))) {
      // Our lease ran out and somebody else is at it: theirs is the session that counts.
      await withdraw(opened)
      const retryAt = new Date(now.getTime() + 5_000)
      return {
        outcome: { result: 'waiting', reason: 'in_progress', retryAt },
        accountId: account.id,
      }
    }
    return { outcome: { result: 'migrated', userId: user.id, tokens }, accountId: account.id }
  } catch (error) {
    const refusal = refusalReason(error)
    const outcome: MigrationOutcome = refusal
      ? { result: 'refused', reason: refusal, retryAt: new Date(now.getTime() + refusedPause) }
      : { result: 'failed', reason: failureReason(error), retryAt: backOff(claim.attempts, now) }
    if (!refusal) console.error(`migration: ${errorText(error)}`)
    const settled = {
      reason: outcome.reason,
      retryAt: outcome.retryAt,
      state: outcome.result as 'refused' | 'failed',
    }
    // A session that nobody will hold must not stay open. But one that the claim may promise by now must
    // not be ended, or its person would be logged out for it.
    if (opened && !isSettling) await withdraw(opened)
    try {
      await settleUndone(claim, settled, now)
      if (opened && isSettling) await withdraw(opened)
    } catch {
      // Not even this could be written: the lease runs out by itself, and whoever takes the claim then
      // knows that the session was not promised to anybody.
      if (opened && isSettling) unpromised.value.set(claim.sessionKey, opened)
    }
    return { outcome, accountId: account?.id ?? null }
  }
}

const withdraw = (opened: SignedIn): Promise<void> =>
  revokeSession(opened.tokens.sessionToken).catch((error: unknown) =>
    console.error(
      `migration: a session that nobody holds could not be revoked: ${(error as Error).message}`,
    ),
  )

/** Whose token it is, and that their address is really theirs, in the legacy provider's own words of this moment. */
async function provePerson(session: LegacySession, accessToken: string): Promise<Userinfo> {
  const person = await fetchUserinfo(accessToken)
  if (!person) throw new Refused('access_token_refused')
  if (person.subject !== session.subject) throw new Refused('subject_mismatch')
  // Stytch matches by e-mail. With an address that was never verified, one could type somebody
  // else's at the legacy provider and be let into their account here.
  if (!person.emailVerified) throw new Refused('email_not_verified')
  return person
}

/** Stytch's session for this person, whose user is made first where Stytch does not know them. */
async function openStytchSession(
  session: LegacySession,
  person: Userinfo,
  accessToken: string,
  now: Date,
): Promise<{ migrated: SignedIn; createdUserId: string | null }> {
  // Not shorter than what the person has now, or the migration would log them out early.
  const left = Math.ceil((session.expiresAt.getTime() - now.getTime()) / 60_000)
  const minutes = Math.min(Math.max(config().sessionDurationMinutes, left, 5), 527_040)

  const migrated = await migrateSession(accessToken, minutes)
  if (migrated) return { migrated, createdUserId: null }
  const createdUserId = await createUser({
    email: person.email,
    name: person.name,
    externalId: externalIdOf(session.subject),
  })
  const second = await migrateSession(accessToken, minutes)
  if (!second)
    throw new ProviderFailure(
      'stytch',
      'unexpected_response',
      'the user that was just made is not found',
    )
  return { migrated: second, createdUserId }
}

/**
 * Whether the Stytch user may be this person's. Stytch found it by e-mail alone, and anybody may have
 * signed up there with this address and a password of their own, waiting for its owner to arrive
 * ("pre-hijacking"). So it must be one that we made, imported or linked, or one whose address is proved and
 * which nothing but the address opens, and nobody is in (docs/decisions/0004-whose-stytch-user.md).
 */
async function proveUser(
  {
    migrated: { user, sessionId },
    createdUserId,
  }: { migrated: SignedIn; createdUserId: string | null },
  person: Userinfo,
  session: LegacySession,
  account: Account,
): Promise<void> {
  // Stytch asked the legacy provider for itself, a moment after us: the address may have changed in between.
  if (user.email !== person.email) throw new Refused('email_differs')
  if (user.id === createdUserId) return
  if (user.externalId !== null && user.externalId === externalIdOf(session.subject)) return
  if ((await subjectsOf(account, stytchIssuerName())).includes(user.id)) return
  if (user.externalId === null && user.onlyByEmail && user.emailVerified) {
    if (!(await hasOtherSessions(user.id, sessionId))) return
  }
  throw new Refused('stytch_user_unproven')
}

function refusalReason(error: unknown): RefusalReason | null {
  if (error instanceof Refused) return error.reason
  if (error instanceof RefreshRefused) return error.code
  if (error instanceof StytchRefusal) return `stytch_${error.errorType}`
  return null
}

function failureReason(error: unknown): string {
  if (error instanceof ProviderFailure) return `${error.provider}_${error.code}`
  return error instanceof StytchRefusal ? `stytch_${error.errorType}` : 'internal_error'
}
