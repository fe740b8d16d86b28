'use client'

import {
  type Callbacks,
  OTPMethods,
  Products,
  type StytchEvent,
  StytchEventType,
  StytchLogin,
  type StytchLoginConfig,
  StytchProvider,
} from '@stytch/nextjs'
import { startTransition, useActionState, useEffect, useMemo, useRef } from 'react'
import { FormProblem } from '@/app/_ui/form-problem'
import { Spinner } from '@/app/_ui/spinner'
import { presentation } from '@/app/login/prebuilt-presentation'
import { adoptSessionForm, type SignInAnswer, saveReturnTo } from '@/app/login/prebuilt-storage'
import { stytchBrowser } from '@/app/login/stytch-browser'
import { adoptSession } from './actions'
import type { PrebuiltProps } from './prebuilt-props'

/** Stytch's answer to a sign-in. Null for other events. */
function signInAnswer(event: StytchEvent): SignInAnswer | null {
  switch (event.type) {
    case StytchEventType.OTPsAuthenticate:
    case StytchEventType.PasswordCreate:
    case StytchEventType.PasswordAuthenticate:
    case StytchEventType.PasswordResetByEmail:
      return event.data
    default:
      return null
  }
}

/** Stytch's pre-built UI. After a sign-in the server adopts the session and moves it into HttpOnly cookies. */
export default function PrebuiltLogin({
  project,
  emailMethod,
  authenticateUrl,
  returnTo,
}: PrebuiltProps) {
  const client = useMemo(() => stytchBrowser(project), [project])
  const [state, adopt, isAdopting] = useActionState(adoptSession, { problem: null })
  const isDone = useRef(false)

  useEffect(() => saveReturnTo(returnTo), [returnTo])

  const callbacks: Callbacks = {
    onEvent: (event) => {
      const answer = signInAnswer(event)
      if (!answer || isDone.current) return
      isDone.current = true
      startTransition(() => adopt(adoptSessionForm(answer, returnTo)))
    },
  }
  const config: StytchLoginConfig = {
    products: [
      emailMethod === 'code' ? Products.otp : Products.emailMagicLinks,
      Products.passwords,
    ],
    emailMagicLinksOptions: {
      loginRedirectURL: authenticateUrl,
      signupRedirectURL: authenticateUrl,
    },
    // The password screen offers a code if `otpOptions` is set, so it is set for codes only.
    otpOptions:
      emailMethod === 'code' ? { methods: [OTPMethods.Email], expirationMinutes: 10 } : undefined,
    passwordOptions: {
      loginRedirectURL: authenticateUrl,
      resetPasswordRedirectURL: authenticateUrl,
    },
    sessionOptions: { sessionDurationMinutes: project.sessionMinutes },
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
        <StytchProvider stytch={client}>
          {/* Cancels the padding of the SDK's container, because the card has its own. */}
          <div className="-mx-9 -my-8">
            <StytchLogin config={config} presentation={presentation} callbacks={callbacks} />
          </div>
        </StytchProvider>
      )}
    </div>
  )
}
