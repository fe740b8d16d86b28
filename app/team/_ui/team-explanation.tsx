import { Notice } from '@/app/_ui/notice'
import { Explanation } from '@/app/login/explanation'
import { legacyName } from '@/lib/seam'

type Props = {
  reason: string | undefined
  problem?: string | undefined
  cookie?: string | undefined
  /** The name of the team of the page. */
  team?: string | undefined
}

/** Explains why somebody was sent to the login of a team. */
export function TeamExplanation({ reason, problem, cookie, team = 'this team' }: Props) {
  switch (problem ?? reason) {
    case 'primary_required':
      return (
        <Notice tone="info" title={`${team} asks for another way to sign in`}>
          Your earlier sign-in does not suffice here. Sign in to {team} itself.
        </Notice>
      )
    case 'second_factor_missing':
      return (
        <Notice tone="info" title={`${team} asks for a second factor`}>
          Sign in with the pre-built UI below. It asks for the code of your authenticator app or
          phone.
        </Notice>
      )
    case 'second_factor_elsewhere':
      return (
        <Notice tone="warn" title="Your account needs your second factor">
          The previous login protects your account by two factors, and has no team of this name. Ask
          our support.
        </Notice>
      )
    case 'not_a_member':
      return (
        <Notice tone="warn" title={`You are not a member of ${team}`}>
          You were removed, or you were never a member. Ask an admin of the team to invite you.
        </Notice>
      )
    case 'member_deleted':
      return (
        <Notice tone="warn" title={`Your membership of ${team} has ended`}>
          An admin has removed you from the team. Ask them if this is a mistake.
        </Notice>
      )
    case 'member_not_provisioned':
      return (
        <Notice tone="warn" title={`${team} has not invited you at the new login yet`}>
          Ask an admin of the team to invite you.
        </Notice>
      )
    case 'organization_missing':
      return (
        <Notice tone="warn" title="Choose a team">
          Your last sign-in named no team, so it opens none. Sign in again and choose one.
        </Notice>
      )
    case 'organization_unknown':
      return (
        <Notice tone="problem" title="This team is unknown">
          The session names a team that the app does not know. Sign in again, or ask our support.
        </Notice>
      )
    case 'organization_invalid':
      return (
        <Notice tone="problem" title="This link names no team">
          Check the address, or look for your team below.
        </Notice>
      )
    case 'organization_denied':
      return (
        <Notice tone="problem" title="You are not a member of this team">
          {legacyName()} did not let you in. Sign in with another account, or ask an admin of the
          team to invite you.
        </Notice>
      )
    default:
      return <Explanation reason={reason} problem={problem} cookie={cookie} />
  }
}
