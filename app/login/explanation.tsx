import { Notice } from '@/app/_ui/notice'

/** Why somebody was sent here, if there is something to say about it. */
export function Explanation({ reason, problem }: { reason?: string; problem?: string }) {
  if (problem === 'legacy_sign_in_failed') {
    return (
      <Notice tone="problem" title="Signing in did not work">
        The login did not finish, so you are not signed in. Nothing is lost: try again.
      </Notice>
    )
  }
  if (reason === 'legacy_session_not_accepted') {
    return (
      <Notice tone="info" title="Sign-in has changed">
        We have moved to a new login. Sign in once more, with the same email address, to go on where
        you were.
      </Notice>
    )
  }
  if (reason === 'session_ended') {
    return <Notice tone="info">Your session has ended. Sign in again to go on.</Notice>
  }
  if (reason === 'user_deleted') {
    return (
      <Notice tone="info">
        Your session has ended: your account was deleted or blocked at the login provider. Sign in
        again to go on.
      </Notice>
    )
  }
  if (reason === 'duplicate_cookie' || reason === 'session_mismatch') {
    return (
      <Notice tone="warn" title="Your browser sent cookies that contradict each other">
        They were taken away, so nobody is signed in here now. Sign in again. If this comes back,
        delete the cookies of this site and of the sites it belongs to.
      </Notice>
    )
  }
  return null
}
