import { Notice } from '@/app/_ui/notice'
import { legacyName } from '@/lib/seam'

/** Explains why the user was redirected to the login. */
export function Explanation({
  reason,
  problem,
  cookie,
}: {
  reason?: string
  problem?: string
  cookie?: string
}) {
  if (problem === 'legacy_sign_in_failed') {
    return (
      <Notice tone="problem" title="Sign-in failed">
        {legacyName()} did not complete the sign-in. Try again.
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
  if (reason === 'address_unproved') {
    return (
      <Notice tone="info" title="Confirm your email address">
        You are signed in, but your email address is not confirmed. Request a code, a link or a
        password reset to confirm it.
      </Notice>
    )
  }
  if (reason === 'session_unproved') {
    return (
      <Notice tone="warn" title="Confirm your email address">
        Your email address was confirmed after you signed in here. Sign in again with a code or a
        link from a mail. If this message comes back, use the address with which you signed in
        before, or ask our support.
      </Notice>
    )
  }
  if (reason === 'mfa_required') {
    return (
      <Notice tone="warn" title="Your account needs your second factor">
        Your account is protected by two factors, and a code from an email is only one. Use the
        previous login, which asks for both.
      </Notice>
    )
  }
  if (reason === 'user_deleted') {
    return (
      <Notice tone="info">
        Your session has ended: your account was deleted or blocked at the login provider. Sign in
        again to go on. If this message comes back, your account is blocked: ask our support.
      </Notice>
    )
  }
  if (reason === 'duplicate_cookie') return <ConflictingCookies names={sessionNames(cookie)} />
  if (reason === 'session_mismatch') {
    return (
      <Notice tone="warn" title="Your browser sent conflicting cookies">
        We deleted them, so you are signed out. Sign in again. If this message comes back, delete
        the cookies of this site and of its parent domain.
      </Notice>
    )
  }
  return null
}

/** A link can name anything, so only names of session cookies are shown. */
const sessionNames = (list = ''): string[] =>
  list
    .split(',')
    .filter((name) =>
      /^(?:stytch_(?:b2b_)?session(?:_jwt)?|__(?:team_)?session(?:__\d{1,2})?)$/.test(name),
    )
    .slice(0, 8)

function ConflictingCookies({ names }: { names: string[] }) {
  return (
    <Notice tone="warn" title="Your browser sent conflicting cookies">
      Another site under the same domain may have set one of them. We cannot tell which one is
      yours, so you are signed out. Delete the cookies of this site and of its parent domain in the
      settings of your browser
      {names.length > 0 && (
        <>
          {' '}
          (<code className="font-mono text-xs">{names.join(', ')}</code>)
        </>
      )}
      . Then sign in again.
    </Notice>
  )
}
