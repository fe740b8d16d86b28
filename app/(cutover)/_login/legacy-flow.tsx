import type { ReactNode } from 'react'
import { buttonClass, linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { legacyConfig, legacyName } from '@/lib/legacy/config'

/** The start of the legacy login. Use it in `<a>`, because `Link` would prefetch the address and start a login. */
export const legacyLogin = (returnTo: string) => `/auth/login?${new URLSearchParams({ returnTo })}`

type LegacyFlowProps = {
  returnTo: string
  explanation: ReactNode
  /** Where to create an account at Stytch. Null if accounts are created at the legacy provider. */
  stytchSignUp: string | null
}

export function LegacyFlow({ returnTo, explanation, stytchSignUp }: LegacyFlowProps) {
  const login = legacyLogin(returnTo)
  const signUp = stytchSignUp ?? (legacyConfig().hasSignUp ? `${login}&screen_hint=signup` : null)
  return (
    <>
      <h1 className="text-2xl">Sign in</h1>
      {explanation}
      <LegacyLogin login={login}>
        {signUp && (
          <a href={signUp} className={buttonClass('secondary')}>
            Create an account
          </a>
        )}
      </LegacyLogin>
    </>
  )
}

/** The card that leads to a legacy login. @param props.children further buttons */
export const LegacyLogin = ({ login, children }: { login: string; children?: ReactNode }) => (
  <Card>
    <p className="text-quiet">
      Enter your email address and password on the login page of {legacyName()}. It then sends you
      back here.
    </p>
    <div className="mt-5 grid gap-2">
      <a href={login} className={buttonClass('primary')}>
        Continue to sign in
      </a>
      {children}
    </div>
  </Card>
)

/** Leads a user to the legacy login from a device that shows the Stytch login. */
export const LegacyLink = ({ login }: { login: string }) => (
  <p className="text-quiet text-sm">
    Do you have an account from before?{' '}
    <a href={login} className={linkClass}>
      Use the previous login
    </a>
  </p>
)
