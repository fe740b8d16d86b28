import Link from 'next/link'
import type { ReactNode } from 'react'
import { linkClass } from '@/app/_ui/button'
import { Code } from '@/app/_ui/code'
import { config } from '@/lib/config'
import type { Facts } from './facts'

export type TourName = 'before' | 'zero-downtime' | 'all-at-once' | 'rolling' | 'rollback'

export type Step = {
  title: string
  text: ReactNode
  /** Told from what is so now, and not from what was clicked. */
  isDone(facts: Facts): boolean
  /** Only somebody with a legacy session can do it. */
  needsLegacySession?: true
}

export type Tour = {
  /** Of the tab. */
  name: string
  title: string
  steps: Step[]
  proves: ReactNode
}

export const isTourName = (value: unknown): value is TourName =>
  typeof value === 'string' && Object.hasOwn(tours, value)

/**
 * How many steps are done: those before the first that is not. A later fact may be so for another reason, as
 * the policy is whoever changed it.
 */
export function stepsDone({ steps }: Tour, facts: Facts): number {
  const open = steps.findIndex(({ isDone }) => !isDone(facts))
  return open === -1 ? steps.length : open
}

/** Whether the next step cannot be done as things are: this browser is on the Stytch lane, and stays there. */
export function isTooFar(tour: Tour, facts: Facts): boolean {
  const next = tour.steps[stepsDone(tour, facts)]
  return facts.trace.lane === 'stytch' && next?.needsLegacySession === true
}

type Option = Facts['progress']['policy']['option']

/** In Node and at the edge: until both have it, a page may still be decided by the policy before. */
const isInForce = ({ progress, trace }: Facts, option: Option): boolean =>
  progress.policy.option === option && progress.policy.version === trace.policyVersion

const isAtStytch = ({ trace, progress }: Facts, by?: 'carried_over' | 'signed_in'): boolean =>
  trace.lane === 'stytch' && (by === undefined || progress.arrival === by)

/** The cookie of a legacy session came along: in use, not accepted, or dormant. */
const hasLegacyCookie = ({ trace }: Facts): boolean =>
  trace.credentials.some((name) => name.startsWith('__session'))

/** Who changes the policy. Outside of the sandbox the demo users are nobody. */
const Operator = () =>
  config().sandbox ? (
    <>
      <Code>ada@example.com</Code> with <Code>demo-password</Code>
    </>
  ) : (
    <>
      an operator, one of <Code>OPERATOR_EMAILS</Code>
    </>
  )

/** To see the rule for organizations at work. */
const Member = () =>
  config().sandbox && (
    <>
      ; try <Code>acme</Code> and <Code>barbara@acme.example</Code>
    </>
  )

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

const signInAtAuth0 = (isStill: (facts: Facts) => boolean): Step => ({
  title: 'Sign in at Auth0',
  text: (
    <>
      Open the {dashboard('dashboard')}, continue to Auth0, and sign in as <Operator />. Write a
      note, to find it again.
    </>
  ),
  isDone: (facts) => facts.trace.lane === 'legacy' || isStill(facts),
  needsLegacySession: true,
})

export const tours: Record<TourName, Tour> = {
  before: {
    name: 'Before',
    title: 'Before the migration',
    steps: [
      {
        title: 'Begin with nobody in the cohort',
        text: (
          <>
            So it is in a fresh demo: the policy is “before the migration”. If it is another one,
            sign in as an operator and roll back in {control}.
          </>
        ),
        isDone: (facts) => isInForce(facts, 'before-the-migration'),
      },
      {
        title: 'Sign in at Auth0',
        text: (
          <>
            Open the {dashboard('dashboard')}, continue to Auth0, and sign in as <Operator />.
          </>
        ),
        isDone: ({ trace }) => trace.lane === 'legacy',
        needsLegacySession: true,
      },
      {
        title: 'Write a note',
        text: (
          <>
            It hangs on the account id that your {dashboard('dashboard')} shows. That id is the
            app’s own and no provider’s, so it stays the same all the way.
          </>
        ),
        isDone: ({ hasNotes }) => hasNotes,
      },
    ],
    proves:
      'Nothing has changed yet. The session is Auth0’s, in the cookies of Auth0’s SDK, and Stytch was asked for nothing but its public keys.',
  },
  'zero-downtime': {
    name: 'Zero-downtime',
    title: 'Zero-downtime sessions',
    steps: [
      signInAtAuth0((facts) => isInForce(facts, 'zero-downtime') && hasLegacyCookie(facts)),
      {
        title: 'Switch to zero-downtime',
        text: (
          <>
            In {policy}, preview “Zero-downtime sessions” and put it in force. Everybody follows
            within five seconds.
          </>
        ),
        isDone: (facts) => isInForce(facts, 'zero-downtime'),
      },
      {
        title: 'Look at your dashboard again',
        text: (
          <>
            The {dashboard('dashboard')} is served at once, on the legacy lane. A moment later your
            session is one of Stytch, with the same id and the same note. You were asked nothing.
          </>
        ),
        isDone: (facts) => isAtStytch(facts, 'carried_over'),
        needsLegacySession: true,
      },
    ],
    proves: (
      <>
        One legacy session became one Stytch session, by one call of{' '}
        <Code>/v1/sessions/migrate</Code>. The legacy cookie is still there: it lies dormant, for
        the way back.
      </>
    ),
  },
  'all-at-once': {
    name: 'All-at-once',
    title: 'All-at-once',
    steps: [
      signInAtAuth0(
        (facts) =>
          isInForce(facts, 'all-at-once') &&
          (facts.trace.reason === 'legacy_session_not_accepted' || isAtStytch(facts, 'signed_in')),
      ),
      {
        title: 'Switch to all-at-once',
        text: (
          <>
            In {policy}, preview “All-at-once” and put it in force. From then on no legacy session
            is accepted, and that includes yours. An API client gets 401 and the reason: see{' '}
            <a href="/api/me" className={linkClass}>
              /api/me
            </a>
            .
          </>
        ),
        isDone: (facts) => isInForce(facts, 'all-at-once'),
      },
      {
        title: 'Sign in at Stytch',
        text: (
          <>
            Open the {dashboard('dashboard')}: you are told that sign-in has changed. Choose “Use a
            password”, and sign in with the same address and password. You come back to the
            dashboard, and your note is there.
          </>
        ),
        isDone: (facts) => isAtStytch(facts, 'signed_in'),
        needsLegacySession: true,
      },
    ],
    proves:
      'Everyone signs in once more, and nobody loses anything: the imported password is the same, and so are the account and its notes.',
  },
  rolling: {
    name: 'Rolling',
    title: 'Rolling',
    steps: [
      signInAtAuth0((facts) => isInForce(facts, 'rolling') && hasLegacyCookie(facts)),
      {
        title: 'Begin with a quarter',
        text: (
          <>
            In {policy}, set the dials of “Rolling” to 25%, preview the change and put it in force.
            Whether your browser is in, was drawn with its first visit: the flow in the state says
            so. There are rules beside the percentage: an organization on the list goes over as a
            whole, at any share
            <Member />.
          </>
        ),
        isDone: (facts) => isInForce(facts, 'rolling'),
      },
      {
        title: 'Raise it to 100%',
        text: <>In {policy} again. Raising it only adds people: nobody is moved back.</>,
        isDone: (facts) => facts.progress.policy.percent === 100 || isAtStytch(facts),
      },
      {
        title: 'Look at your dashboard again',
        text: <>The {dashboard('dashboard')} carries your session over, as with zero-downtime.</>,
        isDone: (facts) => isAtStytch(facts),
        needsLegacySession: true,
      },
      {
        title: 'Lower it to 0%',
        text: <>The flow is the legacy one again, and your Stytch session stays as it is.</>,
        isDone: (facts) => isInForce(facts, 'rolling') && facts.progress.policy.percent === 0,
      },
    ],
    proves:
      'Both logins live side by side. Raising the percentage never moves anyone back, and lowering it never ends a Stytch session.',
  },
  rollback: {
    name: 'Rollback',
    title: 'The way back',
    steps: [
      {
        title: 'Come to Stytch',
        text: (
          <>
            By any of the tours before this one, as <Operator />.
          </>
        ),
        isDone: (facts) => isAtStytch(facts) || isRolledBack(facts),
      },
      {
        title: 'Roll back',
        text: (
          <>
            In {control}, press “Roll back…” and then “Yes, roll back”. Look at your{' '}
            {dashboard('dashboard')}: you are still on the Stytch lane, and were asked nothing.
          </>
        ),
        isDone: isRolledBack,
      },
      {
        title: 'Sign out, and in again',
        text: (
          <>
            The login is Auth0’s again. Sign in as <Operator />: it is the same account, with the
            same notes.
          </>
        ),
        isDone: ({ trace }) => trace.lane === 'legacy',
      },
    ],
    proves:
      'There is a way back at any time, and forward again, as often as you like. A valid Stytch session is ended by none of it.',
  },
}

function isRolledBack(facts: Facts): boolean {
  const { wentForward, hasArrivals } = facts.progress
  return isInForce(facts, 'before-the-migration') && wentForward && hasArrivals
}
