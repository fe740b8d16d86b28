'use client'

import { useActionState } from 'react'
import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { FormProblem } from '@/app/_ui/form-problem'
import { SubmitButton } from '@/app/_ui/submit-button'
import { completeOAuth } from './actions'

/**
 * Signs in with the token of Stytch's OAuth redirect. It never submits by itself: this app starts no OAuth sign-in, so
 * an attacker may have sent the address, with a token of the attacker's account.
 */
export function OAuthReturn({
  token,
  login,
  signedInAs,
}: {
  token: string
  login: string
  signedInAs: string | null
}) {
  const [state, complete] = useActionState(completeOAuth, { problem: null })
  return (
    <>
      <h1 className="text-2xl">
        {state.problem ? 'You are not signed in' : 'Sign in with this account?'}
      </h1>
      <Card>
        <FormProblem id="oauth-problem" state={state} />
        {state.problem ? (
          <a href={login} className={buttonClass('primary', 'mt-5 w-full')}>
            Sign in again
          </a>
        ) : (
          <>
            <p className="text-quiet [overflow-wrap:anywhere]">
              {signedInAs !== null && `You are signed in as ${signedInAs} in this browser. `}
              Continue only if you have just signed in at another provider yourself.
            </p>
            <form action={complete} className="mt-5 grid gap-2">
              <input type="hidden" name="token" value={token} />
              <SubmitButton>Continue</SubmitButton>
              <a href={signedInAs === null ? login : '/dashboard'} className={buttonClass('quiet')}>
                Cancel
              </a>
            </form>
          </>
        )}
      </Card>
    </>
  )
}
