import { Notice } from '@/app/_ui/notice'

/** Explains why the user was redirected to the login. */
export function Explanation({ reason, problem }: { reason?: string; problem?: string }) {
  if (problem === 'legacy_sign_in_failed') {
    return (
      <Notice tone="problem" title="Sign-in failed">
        Auth0 did not complete the sign-in. Try again.
      </Notice>
    )
  }
  if (reason === 'legacy_session_not_accepted') {
    return (
      <Notice tone="info" title="Sign-in has changed">
        We have moved to a new login. Sign in again with the same email address to continue.
      </Notice>
    )
  }
  if (reason === 'session_ended') {
    return <Notice tone="info">Your session has ended. Sign in again to continue.</Notice>
  }
  if (reason === 'user_deleted') {
    return (
      <Notice tone="info">
        Your session has ended: your account was deleted or blocked at the login provider. Sign in
        again to go on. If this message comes back, your account is blocked: ask our support.
      </Notice>
    )
  }
  if (reason === 'duplicate_cookie' || reason === 'session_mismatch') {
    return (
      <Notice tone="warn" title="Your browser sent conflicting cookies">
        We deleted them, so you are signed out. Sign in again. If this message comes back, delete
        the cookies of this site and of its parent domain.
      </Notice>
    )
  }
  return null
}
