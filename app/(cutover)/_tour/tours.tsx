import Link from 'next/link'
import { linkClass } from '@/app/_ui/button'
import { Code } from '@/app/_ui/code'
import { config } from '@/lib/config'
import { legacyName } from '@/lib/legacy/config'
import { LegacyName } from '../_login/legacy-name'
import { Operator } from './operator'
import type { Step, Tour } from './step'
import { teamsTour } from './teams-tour'
import type { TourState } from './tour-state'

export type TourName = 'before' | 'zero-downtime' | 'all-at-once' | 'rolling' | 'teams' | 'rollback'

export const isTourName = (value: unknown): value is TourName =>
  typeof value === 'string' && Object.hasOwn(tours, value)

/**
 * Counts the completed steps. It stops at the first open step, because another operator may have caused the
 * state that a later step checks.
 */
export function stepsDone({ steps }: Tour, state: TourState): number {
  const open = steps.findIndex(({ isDone }) => !isDone(state))
  return open === -1 ? steps.length : open
}

/** Whether the next step needs a legacy session while the visitor is already on the Stytch lane. */
export function isBlocked(tour: Tour, state: TourState): boolean {
  const next = tour.steps[stepsDone(tour, state)]
  return state.trace.lane === 'stytch' && next?.needsLegacySession === true
}

type Option = TourState['progress']['policy']['option']

/** Whether Node and the edge both have the policy. Until then the edge may decide by the previous version. */
const isInForce = ({ progress, trace }: TourState, option: Option): boolean =>
  progress.policy.option === option && progress.policy.version === trace.policyVersion

const isAtStytch = (
  { trace, progress }: TourState,
  arrival?: 'carried_over' | 'signed_in',
): boolean => trace.lane === 'stytch' && (arrival === undefined || progress.arrival === arrival)

/** Whether the request has a legacy session cookie, even if the session is dormant or not accepted. */
const hasLegacyCookie = ({ trace }: TourState): boolean =>
  trace.credentials.some((name) => name.startsWith('__session'))

/** Suggests how to try the rule for organizations. The demo users exist in the sandbox only. */
const OrganizationHint = () => config().sandbox && <> The tour “Teams” moves one.</>

const dashboard = (text: string) => (
  <Link href="/dashboard" prefetch={false} className={linkClass}>
    {text}
  </Link>
)
const control = (
  <Link href="/control" prefetch={false} className={linkClass}>
    Control
  </Link>
)
const policy = (
  <Link href="/control/policy" prefetch={false} className={linkClass}>
    Control, Policy
  </Link>
)

/** @param isPast whether the visitor has done a later step, which may have ended the legacy session */
const signInAtLegacy = (isPast: (state: TourState) => boolean): Step => ({
  get title() {
    return `Sign in at ${legacyName()}`
  },
  text: (
    <>
      Open the {dashboard('dashboard')}, continue to <LegacyName />, and sign in as <Operator />.
      Then write a note.
    </>
  ),
  isDone: (state) => state.trace.lane === 'legacy' || isPast(state),
  needsLegacySession: true,
})

export const tours: Record<TourName, Tour> = {
  before: {
    name: 'Before',
    title: 'Before the migration',
    steps: [
      {
        title: 'Start with nobody in the cohort',
        text: (
          <>
            A fresh demo starts with the policy “Before the migration”. If another policy is in
            force, sign in as an operator and roll back in {control}.
          </>
        ),
        isDone: (state) => isInForce(state, 'before-the-migration'),
      },
      {
        get title() {
          return `Sign in at ${legacyName()}`
        },
        text: (
          <>
            Open the {dashboard('dashboard')}, continue to <LegacyName />, and sign in as{' '}
            <Operator />.
          </>
        ),
        isDone: ({ trace }) => trace.lane === 'legacy',
        needsLegacySession: true,
      },
      {
        title: 'Write a note',
        text: (
          <>
            The app stores the note under the account id that your {dashboard('dashboard')} shows.
            The app creates that id itself, so it does not change with the provider.
          </>
        ),
        isDone: ({ hasNotes }) => hasNotes,
      },
    ],
    get result() {
      return `Nothing has changed yet. You have a session of ${legacyName()}, in its cookies. The app has requested only the public keys from Stytch.`
    },
  },
  'zero-downtime': {
    name: 'Zero-downtime',
    title: 'Zero-downtime sessions',
    steps: [
      signInAtLegacy((state) => isInForce(state, 'zero-downtime') && hasLegacyCookie(state)),
      {
        title: 'Switch to zero-downtime',
        text: (
          <>
            In {policy}, preview “Zero-downtime sessions” and apply it. It is in force everywhere
            within 5 seconds.
          </>
        ),
        isDone: (state) => isInForce(state, 'zero-downtime'),
      },
      {
        title: 'Look at your dashboard again',
        text: (
          <>
            The first page that you open under the new policy migrates your session in the
            background. Your {dashboard('dashboard')} shows the Stytch lane, the same account id and
            the same note.
          </>
        ),
        isDone: (state) => isAtStytch(state, 'carried_over'),
        needsLegacySession: true,
      },
    ],
    result: (
      <>
        One call to <Code>/v1/sessions/migrate</Code> turned your legacy session into a Stytch
        session. The legacy cookie stays in your browser, dormant, in case of a rollback.
      </>
    ),
  },
  'all-at-once': {
    name: 'All-at-once',
    title: 'All-at-once',
    steps: [
      signInAtLegacy(
        (state) =>
          isInForce(state, 'all-at-once') &&
          (state.trace.reason === 'legacy_session_not_accepted' || isAtStytch(state, 'signed_in')),
      ),
      {
        title: 'Switch to all-at-once',
        text: (
          <>
            In {policy}, preview “All-at-once” and apply it. The app then accepts no legacy session,
            including yours. API clients get status 401 with the reason: see{' '}
            <a href="/api/me" className={linkClass}>
              /api/me
            </a>
            .
          </>
        ),
        isDone: (state) => isInForce(state, 'all-at-once'),
      },
      {
        title: 'Sign in at Stytch',
        text: (
          <>
            Open the {dashboard('dashboard')}. The login says that sign-in has changed. Choose “Use
            a password” and sign in with the same email address and password. The dashboard opens
            with your note.
          </>
        ),
        isDone: (state) => isAtStytch(state, 'signed_in'),
        needsLegacySession: true,
      },
    ],
    result:
      'Everyone signs in once more. You keep your password, which was imported into Stytch, your account and your notes.',
  },
  rolling: {
    name: 'Rolling',
    title: 'Rolling',
    steps: [
      signInAtLegacy((state) => isInForce(state, 'rolling') && hasLegacyCookie(state)),
      {
        title: 'Start with 25%',
        text: (
          <>
            In {policy}, set the dials of “Rolling” to 25%, preview the change and apply it. Your
            browser got a random bucket on its first visit. The bucket decides whether you are in
            the 25%: see “Flow” in your session. A rule for organizations puts all members of an
            organization into the cohort, at any percentage. With “New sign-ups start at Stytch”,
            accounts are created there while all others keep the legacy login.
            <OrganizationHint />
          </>
        ),
        isDone: (state) => isInForce(state, 'rolling'),
      },
      {
        title: 'Raise it to 100%',
        text: <>In {policy}, set the percentage to 100%. Raising it never moves anyone back.</>,
        isDone: (state) => state.progress.policy.percent === 100 || isAtStytch(state),
      },
      {
        title: 'Look at your dashboard again',
        text: (
          <>
            Open your {dashboard('dashboard')}. The app migrates your session, as with zero-downtime
            sessions.
          </>
        ),
        isDone: (state) => isAtStytch(state),
        needsLegacySession: true,
      },
      {
        title: 'Lower it to 0%',
        text: (
          <>
            In {policy}, set the percentage to 0%. Your flow is the legacy login again, and your
            Stytch session stays valid.
          </>
        ),
        isDone: (state) => isInForce(state, 'rolling') && state.progress.policy.percent === 0,
      },
    ],
    result:
      'Both logins work side by side. Raising the percentage never moves anyone back, and lowering it never ends a Stytch session.',
  },
  teams: teamsTour,
  rollback: {
    name: 'Rollback',
    title: 'Rollback',
    steps: [
      {
        title: 'Get a Stytch session',
        text: (
          <>
            Do one of the other tours as <Operator />.
          </>
        ),
        isDone: (state) => isAtStytch(state) || isRolledBack(state),
      },
      {
        title: 'Roll back',
        text: (
          <>
            In {control}, choose “Roll back…” and then “Yes, roll back”. Your{' '}
            {dashboard('dashboard')} still opens on the Stytch lane, without a new sign-in.
          </>
        ),
        isDone: isRolledBack,
      },
      {
        title: 'Sign out and sign in again',
        text: (
          <>
            The login is that of <LegacyName /> again. Sign in as <Operator />. You see the same
            account with the same notes.
          </>
        ),
        isDone: ({ trace }) => trace.lane === 'legacy',
      },
    ],
    result:
      'You can roll back at any time, and go forward again. Neither change ends a valid Stytch session.',
  },
}

function isRolledBack(state: TourState): boolean {
  const { wentForward, hasArrivals } = state.progress
  return isInForce(state, 'before-the-migration') && wentForward && hasArrivals
}
