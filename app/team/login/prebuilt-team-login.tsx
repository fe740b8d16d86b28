'use client'

import type { Callbacks, StytchEvent } from '@stytch/nextjs'
import {
  AuthFlowType,
  B2BProducts,
  StytchB2B,
  StytchB2BProvider,
  type StytchB2BUIConfig,
  StytchEventType,
} from '@stytch/nextjs/b2b'
import { startTransition, useActionState, useEffect, useMemo, useRef } from 'react'
import { FormProblem } from '@/app/_ui/form-problem'
import { Spinner } from '@/app/_ui/spinner'
import { presentation } from '@/app/login/prebuilt-presentation'
import { adoptSessionForm, type SignInAnswer, saveReturnTo } from '@/app/login/prebuilt-storage'
import { adoptSession } from './actions'
import type { PrebuiltTeamProps } from './prebuilt-team-props'
import { stytchB2bBrowser } from './stytch-b2b-browser'

/** Stytch's answer to a sign-in. Null for other events, and for a sign-in that lacks another step. */
function signInAnswer(event: StytchEvent): SignInAnswer | null {
  switch (event.type) {
    case StytchEventType.B2BOTPsEmailAuthenticate:
    case StytchEventType.B2BMagicLinkAuthenticate:
    case StytchEventType.B2BPasswordAuthenticate:
    case StytchEventType.B2BDiscoveryIntermediateSessionExchange:
    case StytchEventType.B2BSMSOTPAuthenticate:
    case StytchEventType.B2BTOTPAuthenticate:
    case StytchEventType.B2BRecoveryCodesRecover: {
      const { session_token, session_jwt } = event.data
      return session_token && session_jwt ? { session_token, session_jwt } : null
    }
    default:
      return null
  }
}

/**
 * Stytch's pre-built UI for members. It asks for a second factor where a team wants one. After a sign-in the server
 * adopts the session and moves it into HttpOnly cookies.
 */
export default function PrebuiltTeamLogin({
  project,
  slug,
  emailMethod,
  authenticateUrl,
  returnTo,
}: PrebuiltTeamProps) {
  const client = useMemo(() => stytchB2bBrowser(project), [project])
  const [state, adopt, isAdopting] = useActionState(adoptSession, { problem: null })
  const isDone = useRef(false)

  useEffect(() => {
    if (returnTo) saveReturnTo(returnTo)
  }, [returnTo])

  const callbacks: Callbacks = {
    onEvent: (event) => {
      const answer = signInAnswer(event)
      if (!answer || isDone.current) return
      isDone.current = true
      startTransition(() => adopt(adoptSessionForm(answer, returnTo)))
    },
  }
  const config: StytchB2BUIConfig = {
    authFlowType: slug ? AuthFlowType.Organization : AuthFlowType.Discovery,
    ...(slug ? { organizationSlug: slug } : {}),
    products: [emailMethod === 'code' ? B2BProducts.emailOtp : B2BProducts.emailMagicLinks],
    emailMagicLinksOptions: {
      loginRedirectURL: authenticateUrl,
      signupRedirectURL: authenticateUrl,
      discoveryRedirectURL: authenticateUrl,
    },
    sessionOptions: { sessionDurationMinutes: project.sessionMinutes },
    // This app creates no organizations.
    disableCreateOrganization: true,
  }
  return (
    <div className="grid gap-4">
      <FormProblem state={state} id="prebuilt-problem" />
      {isAdopting ? (
        <p role="status" className="flex items-center gap-2 text-quiet text-sm">
          <Spinner />
          Signing you in…
        </p>
      ) : (
        <StytchB2BProvider stytch={client}>
          {/* Cancels the padding of the SDK's container, because the card has its own. */}
          <div className="-mx-9 -my-8">
            <StytchB2B config={config} presentation={presentation} callbacks={callbacks} />
          </div>
        </StytchB2BProvider>
      )}
    </div>
  )
}
