'use client'

import {
  type Callbacks,
  OTPMethods,
  type PresentationConfig,
  Products,
  StytchEventType,
  StytchLogin,
  type StytchLoginConfig,
  StytchProvider,
} from '@stytch/nextjs'
import { startTransition, useActionState, useEffect, useMemo, useRef } from 'react'
import { FormProblem } from '@/app/_ui/form-problem'
import { Spinner } from '@/app/_ui/spinner'
import { adoptSession } from './actions'
import { adoptForm, rememberReturnTo } from './prebuilt-memory'
import type { PrebuiltProps } from './prebuilt-props'
import { stytchBrowser } from './stytch-browser'

/** After each of these the SDK holds a session. */
const signedIn: readonly string[] = [
  StytchEventType.OTPsAuthenticate,
  StytchEventType.PasswordCreate,
  StytchEventType.PasswordAuthenticate,
  StytchEventType.PasswordResetByEmail,
]

/** Stytch's pre-built UI. What it signs in, the server takes over in cookies that no script can read. */
export default function PrebuiltLogin({
  project,
  mails,
  authenticateUrl,
  returnTo,
}: PrebuiltProps) {
  const client = useMemo(() => stytchBrowser(project), [project])
  const [state, adopt, isAdopting] = useActionState(adoptSession, { problem: null })
  const isDone = useRef(false)

  useEffect(() => rememberReturnTo(returnTo), [returnTo])

  const callbacks: Callbacks = {
    onEvent: ({ type }) => {
      if (!signedIn.includes(type) || isDone.current) return
      isDone.current = true
      startTransition(() => adopt(adoptForm(returnTo)))
    },
  }
  const config: StytchLoginConfig = {
    products: [mails === 'code' ? Products.otp : Products.emailMagicLinks, Products.passwords],
    emailMagicLinksOptions: {
      loginRedirectURL: authenticateUrl,
      signupRedirectURL: authenticateUrl,
    },
    // Its presence alone makes the password screen offer a code.
    otpOptions:
      mails === 'code' ? { methods: [OTPMethods.Email], expirationMinutes: 10 } : undefined,
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
          {/* Takes back the padding that the SDK's container has around it: ours is there already. */}
          <div className="-mx-9 -my-8">
            <StytchLogin config={config} presentation={presentation} callbacks={callbacks} />
          </div>
        </StytchProvider>
      )}
    </div>
  )
}

/** The SDK reads its theme outside our style sheet, but our variables reach it all the same. */
const theme = {
  'font-family': 'var(--font-sans)',
  'font-family-mono': 'var(--font-mono)',
  'container-width': '100%',
  'container-border': 'transparent',
  'container-radius': '0',
  'button-radius': '0.5rem',
  'input-radius': '0.5rem',
  background: 'transparent',
  foreground: 'var(--ink)',
  primary: 'var(--ink)',
  'primary-foreground': 'var(--on-ink)',
  secondary: 'var(--sunken)',
  'secondary-foreground': 'var(--ink)',
  muted: 'var(--sunken)',
  'muted-foreground': 'var(--quiet)',
  accent: 'var(--sunken)',
  'accent-foreground': 'var(--ink)',
  border: 'var(--line)',
  input: 'var(--line-strong)',
  ring: 'var(--focus)',
  destructive: 'var(--problem)',
  warning: 'var(--warn)',
  success: 'var(--success)',
}

const presentation: PresentationConfig = {
  theme: [
    { ...theme, 'color-scheme': 'light' },
    { ...theme, 'color-scheme': 'dark' },
  ],
  options: { hideHeaderText: true },
}
