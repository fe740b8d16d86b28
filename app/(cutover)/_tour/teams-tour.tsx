import { linkClass } from '@/app/_ui/button'
import { Code } from '@/app/_ui/code'
import { config } from '@/lib/config'
import { Operator } from './operator'
import type { Tour } from './step'
import type { TourState } from './tour-state'

const organizations = (
  <a href="/control/organizations" className={linkClass}>
    Control, Organizations
  </a>
)

const teamLink = (path: '/team/acme' | '/team/globex/login', text: string) => (
  <a href={path} className={linkClass}>
    {text}
  </a>
)

/** The team and its member. The demo users exist in the sandbox only. */
const Member = () =>
  config().sandbox ? (
    <>
      Open {teamLink('/team/acme', 'the team Acme')}, continue to Auth0, and sign in as{' '}
      <Code>barbara@acme.example</Code> with <Code>demo-password</Code>.
    </>
  ) : (
    <>
      Open <Code>/team/…</Code> with the slug of an organization that Auth0 and Stytch both have.
      Continue to Auth0, and sign in as one of its members.
    </>
  )

const OtherTeam = () =>
  config().sandbox ? (
    <>
      Only Acme moves: {teamLink('/team/globex/login', 'the login of Globex')} still leads to Auth0.
    </>
  ) : (
    'Only this organization moves. All others keep their login.'
  )

const isCarriedOver = ({ team }: TourState): boolean =>
  team?.lane === 'stytch' && team.isCarriedOver

const isMoved = ({ team }: TourState): boolean => team?.flowReason === 'organization'

/** Moves one organization while another one stays, and back. */
export const teamsTour: Tour = {
  name: 'Teams',
  title: 'One team at a time',
  steps: [
    {
      title: 'Sign in to a team',
      text: (
        <>
          <Member /> Write a note for the team. The session of a team has cookies of its own, so you
          stay signed in as a consumer beside it.
        </>
      ),
      isDone: (state) => state.team?.lane === 'legacy' || isCarriedOver(state),
    },
    {
      title: 'Move the team to Stytch',
      text: (
        <>
          In {organizations}, choose “Move to Stytch…” and confirm it, as <Operator />. The page
          says how many members are at Auth0. <OtherTeam />
        </>
      ),
      isDone: (state) => isMoved(state) || isCarriedOver(state),
    },
    {
      title: 'Open the team again',
      text: (
        <>
          The next page of the team migrates the session in the background. The team’s page shows
          the Stytch lane, the same note and your roles, which came from Auth0.
        </>
      ),
      isDone: isCarriedOver,
    },
    {
      title: 'Move the team back',
      text: (
        <>
          In {organizations}, choose “Move back…”. The login of the team is Auth0’s again. You stay
          signed in at Stytch: moving a team back ends no session.
        </>
      ),
      isDone: (state) => isCarriedOver(state) && !isMoved(state),
    },
  ],
  result:
    'One team moved with its members, roles and notes, and no other team noticed. Moving it back logged nobody out.',
}
