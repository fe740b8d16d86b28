import type { ReactNode } from 'react'
import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'

/** The legacy login. It uses `<a>`, because `Link` would prefetch the address and start a login. */
export function LegacyFlow({
  returnTo,
  explanation,
}: {
  returnTo: string
  explanation: ReactNode
}) {
  const login = `/auth/login?${new URLSearchParams({ returnTo })}`
  return (
    <>
      <h1 className="text-2xl">Sign in</h1>
      {explanation}
      <Card>
        <p className="text-quiet">
          Enter your email address and password on the login page of Auth0. Auth0 then sends you
          back here.
        </p>
        <div className="mt-5 grid gap-2">
          <a href={login} className={buttonClass('primary')}>
            Continue to sign in
          </a>
          <a href={`${login}&screen_hint=signup`} className={buttonClass('secondary')}>
            Create an account
          </a>
        </div>
      </Card>
    </>
  )
}
