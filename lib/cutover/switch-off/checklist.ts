import { counted } from '../policy/describe'

/** What is known when somebody asks whether the legacy provider can be switched off. */
export type SwitchOffFacts = {
  /** How far to look back. */
  days: number
  legacy: {
    /** Distinct legacy sessions seen in that time. */
    sessions: number
    lastSeen: Date | null
    /** Since when sessions are written down; null when none ever was. */
    watchedSince: Date | null
  }
  /** Of the accounts that a provider knows. */
  accounts: { total: number; notAtStytch: number }
  mirror: { on: boolean; waiting: number; dead: number }
  /** Null when the policy is kept at `POLICY_URL`, where its history is too. */
  policy: {
    lastRollback: { at: Date; author: string; version: number } | null
    everybodySince: Date | null
  } | null
}

/** Stable: the page goes by it. */
export type SwitchOffCode =
  | 'legacy_sessions'
  | 'accounts_not_at_stytch'
  | 'mirror_waiting'
  | 'mirror_dead'
  | 'last_rollback'
  | 'policy_everybody'

export type SwitchOffLine = {
  code: SwitchOffCode
  ok: boolean
  figures: Record<string, number | string | Date | null>
  /** What was found, and what to do about it. */
  text: string
}

const day = 24 * 60 * 60 * 1_000

/** One line for each question; legacy may be switched off when every one is ok. Pure. */
export function switchOffLines(facts: SwitchOffFacts, now: Date): SwitchOffLine[] {
  return [
    legacySessions(facts, now),
    accountsNotAtStytch(facts),
    mirrorWaiting(facts),
    mirrorDead(facts),
    lastRollback(facts, now),
    policyEverybody(facts, now),
  ]
}

const daysSince = (at: Date, now: Date): number =>
  Math.max(0, Math.floor((now.getTime() - at.getTime()) / day))

function legacySessions({ days, legacy }: SwitchOffFacts, now: Date): SwitchOffLine {
  const { sessions, watchedSince } = legacy
  const watchedDays = watchedSince ? daysSince(watchedSince, now) : 0
  // That nobody was seen says nothing about the time in which nobody looked.
  const isWatched = watchedDays >= days
  return {
    code: 'legacy_sessions',
    ok: sessions === 0 && isWatched,
    figures: { days, watchedDays, ...legacy },
    text:
      sessions > 0
        ? `${counted(sessions, 'legacy session was', 'legacy sessions were')} seen in the last ${counted(days, 'day')}. Switched off now, these people would have to sign in again. Carry their sessions over, or wait until they have ended.`
        : isWatched
          ? `No legacy session was seen in the last ${counted(days, 'day')}.`
          : `No legacy session was seen, but sessions have been written down for ${counted(watchedDays, 'day')} only. Look again when it is ${counted(days, 'day')}.`,
  }
}

function accountsNotAtStytch({ accounts: { total, notAtStytch } }: SwitchOffFacts): SwitchOffLine {
  const never =
    'People who have not come since this app keeps accounts are not among them: compare with the user list of the legacy provider.'
  return {
    code: 'accounts_not_at_stytch',
    ok: notAtStytch === 0,
    figures: { total, notAtStytch },
    text:
      notAtStytch > 0
        ? `${counted(notAtStytch, 'account')} of ${total.toLocaleString('en')} known here ${notAtStytch === 1 ? 'is' : 'are'} not at Stytch yet. Import them into Stytch with their legacy id as external_id. ${never}`
        : `Every account known here is at Stytch (${total.toLocaleString('en')}). ${never}`,
  }
}

function mirrorWaiting({ mirror: { on, waiting } }: SwitchOffFacts): SwitchOffLine {
  return {
    code: 'mirror_waiting',
    ok: waiting === 0,
    figures: { on: on ? 1 : 0, waiting },
    text: !on
      ? 'The mirror is off: nothing waits to be written to the legacy provider.'
      : waiting > 0
        ? `${counted(waiting, 'job')} of the mirror ${waiting === 1 ? 'waits' : 'wait'}. Until they are done, a rollback would lock people out. Wait, or see what the legacy provider answers.`
        : 'No job of the mirror waits.',
  }
}

function mirrorDead({ mirror: { on, dead } }: SwitchOffFacts): SwitchOffLine {
  return {
    code: 'mirror_dead',
    ok: dead === 0,
    figures: { on: on ? 1 : 0, dead },
    text:
      dead > 0
        ? `${counted(dead, 'job')} of the mirror ${dead === 1 ? 'was' : 'were'} given up. These people could not sign in after a rollback. Look at the reasons, and try again or settle them by hand.`
        : 'No job of the mirror was given up.',
  }
}

const elsewhere =
  'The policy is kept at POLICY_URL, and so is its history. Look there before you decide.'

function lastRollback({ days, policy }: SwitchOffFacts, now: Date): SwitchOffLine {
  const code = 'last_rollback'
  if (!policy) return { code, ok: false, figures: { days }, text: elsewhere }
  const { lastRollback: last } = policy
  if (!last) {
    return { code, ok: true, figures: { days, at: null }, text: 'There never was a rollback.' }
  }
  const ago = daysSince(last.at, now)
  const ok = ago >= days
  const said = `The last rollback was ${ago === 0 ? 'less than a day' : counted(ago, 'day')} ago, by ${last.author}.`
  return {
    code,
    ok,
    figures: { days, ...last },
    text: ok
      ? said
      : `${said} Make sure that its cause is gone, and wait until it is ${counted(days, 'day')} ago.`,
  }
}

function policyEverybody({ days, policy }: SwitchOffFacts, now: Date): SwitchOffLine {
  const code = 'policy_everybody'
  if (!policy) return { code, ok: false, figures: { days }, text: elsewhere }
  const { everybodySince: since } = policy
  if (!since) {
    return {
      code,
      ok: false,
      figures: { days, since: null },
      text: 'The policy is not "everybody". Put everybody in the cohort first.',
    }
  }
  const ago = daysSince(since, now)
  const ok = ago >= days
  const said = `Everybody has been in the cohort for ${ago === 0 ? 'less than a day' : counted(ago, 'day')}.`
  return {
    code,
    ok,
    figures: { days, since },
    text: ok ? said : `${said} Wait until it is ${counted(days, 'day')}.`,
  }
}
