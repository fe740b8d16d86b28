import { harmlessCodes } from '../backfill/reconcile/differences'
import type { Reconciliation } from '../backfill/reconcile/results'
import { pluralize } from '../policy/describe'

/** Facts for the decision whether the legacy provider can be switched off. */
export type SwitchOffFacts = {
  /** Time range of the checks. */
  days: number
  legacy: {
    /** Distinct legacy sessions in the time range. */
    sessions: number
    lastSeen: Date | null
    /** Start of the recording of sessions. Null if nothing was ever recorded. */
    recordedSince: Date | null
  }
  /** Accounts with at least one identity at a provider. */
  accounts: { total: number; notAtStytch: number }
  /** The last comparison of the user lists of both providers. */
  reconciliation: Omit<Reconciliation, 'id'> | null
  mirror: { on: boolean; waiting: number; dead: number }
  /** Null if the policy and its history are at `POLICY_URL`. */
  policy: {
    lastRollback: { at: Date; author: string; version: number } | null
    everybodySince: Date | null
  } | null
}

/** Stable codes: the page maps them to names. */
export type SwitchOffCode =
  | 'legacy_sessions'
  | 'accounts_not_at_stytch'
  | 'reconciliation'
  | 'mirror_waiting'
  | 'mirror_dead'
  | 'last_rollback'
  | 'policy_everybody'

export type SwitchOffLine = {
  code: SwitchOffCode
  ok: boolean
  figures: Record<string, number | string | Date | null>
  /** The finding, and what the operator can do. */
  text: string
}

const day = 24 * 60 * 60 * 1_000

/** Runs all checks. The legacy provider can be switched off when every line is ok. */
export function switchOffLines(facts: SwitchOffFacts, now: Date): SwitchOffLine[] {
  return [
    legacySessions(facts, now),
    accountsNotAtStytch(facts),
    reconciliationLine(facts, now),
    mirrorWaiting(facts),
    mirrorDead(facts),
    lastRollback(facts, now),
    policyEverybody(facts, now),
  ]
}

const daysSince = (at: Date, now: Date): number =>
  Math.max(0, Math.floor((now.getTime() - at.getTime()) / day))

function legacySessions({ days, legacy }: SwitchOffFacts, now: Date): SwitchOffLine {
  const { sessions, recordedSince } = legacy
  const recordedDays = recordedSince ? daysSince(recordedSince, now) : 0
  // Without a recording over the whole range, a count of zero proves nothing.
  const isRecorded = recordedDays >= days
  return {
    code: 'legacy_sessions',
    ok: sessions === 0 && isRecorded,
    figures: { days, recordedDays, ...legacy },
    text:
      sessions > 0
        ? `${pluralize(sessions, 'legacy session was', 'legacy sessions were')} active in the last ${pluralize(days, 'day')}. If you switch off now, these users must sign in again. Migrate their sessions, or wait until the sessions expire.`
        : isRecorded
          ? `No legacy session was active in the last ${pluralize(days, 'day')}.`
          : `No legacy session was active, but the app has recorded sessions for only ${pluralize(recordedDays, 'day')}. Check again after ${pluralize(days, 'day')}.`,
  }
}

function accountsNotAtStytch({ accounts: { total, notAtStytch } }: SwitchOffFacts): SwitchOffLine {
  const otherUsers =
    'Users who have not signed in since this app keeps accounts are not counted here. The comparison of both providers counts them.'
  return {
    code: 'accounts_not_at_stytch',
    ok: notAtStytch === 0,
    figures: { total, notAtStytch },
    text:
      notAtStytch > 0
        ? `${notAtStytch.toLocaleString('en')} of ${pluralize(total, 'account')} ${notAtStytch === 1 ? 'is' : 'are'} not at Stytch yet. Import these users with \`npm run backfill\`. ${otherUsers}`
        : `All ${pluralize(total, 'account')} are at Stytch. ${otherUsers}`,
  }
}

/** A comparison is stale after these days, because users sign up and change meanwhile. */
const reconciliationDays = 7

function reconciliationLine({ reconciliation }: SwitchOffFacts, now: Date): SwitchOffLine {
  const code = 'reconciliation'
  if (!reconciliation) {
    return {
      code,
      ok: false,
      figures: { compared: null },
      text: 'The users of both providers have not been compared, so users may be missing at Stytch. Export and plan the users of the legacy provider. Then run `npm run backfill -- reconcile --run ID`.',
    }
  }
  const { at, runId, users, leftOut, counts } = reconciliation
  const isOpen = ([each]: [string, number]) => !harmlessCodes.some((harmless) => harmless === each)
  const open = Object.entries(counts).filter(isOpen)
  const differences = open.reduce((sum, [, count]) => sum + count, 0)
  const isStale = daysSince(at, now) >= reconciliationDays
  const { notCompared } = users
  return {
    code,
    ok: differences === 0 && !isStale,
    figures: { compared: at, users: users.source, differences, leftOut, notCompared },
    text: [
      ...(differences > 0 ? [differencesText(open, differences, reconciliation)] : []),
      ...(differences === 0 && !isStale ? [sameText(reconciliation)] : []),
      ...(isStale ? [staleText(daysSince(at, now))] : []),
      ...(isStale || differences > 0 ? [runAgain(runId)] : []),
    ].join(' '),
  }
}

const runAgain = (runId: string): string =>
  `Export the users again, and run \`npm run backfill -- reconcile --run ${runId} --users FILE\`.`

const staleText = (days: number): string =>
  `The last comparison was ${pluralize(days, 'day')} ago, and users have changed since.`

function differencesText(
  open: [string, number][],
  differences: number,
  { fix, mended }: { fix: string | null; mended: number },
): string {
  const codes = open.map(([each, count]) => `${count.toLocaleString('en')} \`${each}\``).join(', ')
  const mendedText = fix && mended > 0 ? ` Of these, ${mended} with \`${fix}\` were mended.` : ''
  return `The last comparison found ${pluralize(differences, 'difference')}: ${codes}.${mendedText} The page Backfill says what to do about each code.`
}

function sameText({ leftOut, users }: { leftOut: number; users: { notCompared: number } }): string {
  const rest = [
    leftOut > 0 && `${pluralize(leftOut, 'user')} stayed out by your plan`,
    users.notCompared > 0 && `${pluralize(users.notCompared, 'line')} could not be compared`,
  ].filter(Boolean)
  return `The last comparison found every planned user at Stytch.${rest.length > 0 ? ` Not at Stytch or unknown: ${rest.join(', ')}.` : ''}`
}

function mirrorWaiting({ mirror: { on, waiting } }: SwitchOffFacts): SwitchOffLine {
  return {
    code: 'mirror_waiting',
    ok: waiting === 0,
    figures: { on: on ? 1 : 0, waiting },
    text: !on
      ? 'The mirror is off, so no job is waiting.'
      : waiting > 0
        ? `${pluralize(waiting, 'mirror job is', 'mirror jobs are')} waiting. Until they are done, a rollback would lock users out. Wait, or check the errors on the Mirror page.`
        : 'No mirror job is waiting.',
  }
}

function mirrorDead({ mirror: { on, dead } }: SwitchOffFacts): SwitchOffLine {
  return {
    code: 'mirror_dead',
    ok: dead === 0,
    figures: { on: on ? 1 : 0, dead },
    text:
      dead > 0
        ? `${pluralize(dead, 'mirror job is', 'mirror jobs are')} dead. The affected users could not sign in after a rollback. Check the reasons on the Mirror page, then retry the jobs or update the users yourself.`
        : 'No mirror job is dead.',
  }
}

const policyElsewhere =
  'The policy and its history are at POLICY_URL. Check them there before you decide.'

function lastRollback({ days, policy }: SwitchOffFacts, now: Date): SwitchOffLine {
  const code = 'last_rollback'
  if (!policy) return { code, ok: false, figures: { days }, text: policyElsewhere }
  const { lastRollback: last } = policy
  if (!last) {
    return { code, ok: true, figures: { days, at: null }, text: 'No rollback has happened.' }
  }
  const ago = daysSince(last.at, now)
  const ok = ago >= days
  const finding = `The last rollback was ${ago === 0 ? 'less than a day' : pluralize(ago, 'day')} ago, by ${last.author}.`
  return {
    code,
    ok,
    figures: { days, ...last },
    text: ok
      ? finding
      : `${finding} Make sure that its cause is fixed, and wait until it is ${pluralize(days, 'day')} ago.`,
  }
}

function policyEverybody({ days, policy }: SwitchOffFacts, now: Date): SwitchOffLine {
  const code = 'policy_everybody'
  if (!policy) return { code, ok: false, figures: { days }, text: policyElsewhere }
  const { everybodySince: since } = policy
  if (!since) {
    return {
      code,
      ok: false,
      figures: { days, since: null },
      text: 'The policy does not put everybody in the cohort. Change the policy first.',
    }
  }
  const ago = daysSince(since, now)
  const ok = ago >= days
  const finding = `Everybody has been in the cohort for ${ago === 0 ? 'less than a day' : pluralize(ago, 'day')}.`
  return {
    code,
    ok,
    figures: { days, since },
    text: ok ? finding : `${finding} Wait until it is ${pluralize(days, 'day')}.`,
  }
}
