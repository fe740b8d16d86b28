'use client'

import { startTransition, useActionState, useLayoutEffect, useRef, useState } from 'react'
import { linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Field } from '@/app/_ui/field'
import { FormProblem } from '@/app/_ui/form-problem'
import { SubmitButton } from '@/app/_ui/submit-button'
import { adoptSession } from '@/app/(consumer)/login/actions'
import { LinkForm } from '@/app/authenticate/link-form'
import { LinkProblem, needsVerifier, type Problem } from '@/app/authenticate/link-problem'
import { adoptSessionForm, hasCodeVerifier, type SignInAnswer } from '@/app/login/prebuilt-storage'
import type { StytchProject } from '@/app/login/stytch-browser'
import { completeMagicLink, setNewPassword } from './actions'

type LinkProps = {
  token: string
  project: StytchProject
  /** URL of the login, to request another link. */
  login: string
}

/**
 * Retries with Stytch's SDK if the browser has the PKCE verifier that the server lacks. The server then adopts
 * the session of the SDK.
 */
function useSdkFallback(
  problem: Problem | null,
  product: 'magic_links' | 'passwords',
  { project, authenticate }: { project: StytchProject; authenticate: Authenticate },
) {
  const [adopted, adopt] = useActionState(adoptSession, { problem: null })
  const [attempt, setAttempt] = useState<'none' | 'running' | Problem>('none')
  const retriedProblem = useRef<Problem | null>(null)
  const { publicToken } = project

  // A layout effect runs before the browser paints, so the error message does not flash.
  useLayoutEffect(() => {
    if (!needsVerifier(problem) || retriedProblem.current === problem) return
    if (!hasCodeVerifier(publicToken, product)) return
    retriedProblem.current = problem
    setAttempt('running')
    import('@/app/login/stytch-browser')
      .then(({ stytchBrowser }) => authenticate(stytchBrowser(project)))
      .then((answer) => startTransition(() => adopt(adoptSessionForm(answer))))
      .catch((error: { error_type?: string; error_message?: string }) =>
        setAttempt({
          code: error.error_type ?? 'unavailable',
          message:
            error.error_message ?? 'The login provider does not answer. Try again in a moment.',
        }),
      )
  })
  if (attempt === 'none') return { isRunning: false, problem }
  if (attempt === 'running')
    return { isRunning: adopted.problem === null, problem: adopted.problem }
  return { isRunning: false, problem: attempt }
}

type Client = ReturnType<typeof import('@/app/login/stytch-browser').stytchBrowser>
type Authenticate = (client: Client) => Promise<SignInAnswer>

/** Signs in with an emailed link. */
export function MagicLink({
  token,
  project,
  login,
  signedInAs,
}: LinkProps & { signedInAs: string | null }) {
  const [state, complete, isPending] = useActionState(completeMagicLink, { problem: null })
  const { problem, isRunning } = useSdkFallback(state.problem, 'magic_links', {
    project,
    authenticate: (client) =>
      client.magicLinks.authenticate(token, { session_duration_minutes: project.sessionMinutes }),
  })
  if (problem && !isRunning && !isPending) return <LinkProblem problem={problem} login={login} />
  return (
    <LinkForm
      token={token}
      action={complete}
      isPending={isRunning || isPending}
      signedInAs={signedInAs}
      home="/dashboard"
    />
  )
}

export function NewPassword({ token, project, login }: LinkProps) {
  const password = useRef('')
  const [state, send] = useActionState(setNewPassword, { problem: null })
  const { problem, isRunning } = useSdkFallback(state.problem, 'passwords', {
    project,
    authenticate: (client) =>
      client.passwords.resetByEmail({
        token,
        password: password.current,
        session_duration_minutes: project.sessionMinutes,
      }),
  })
  const shown = isRunning ? null : problem
  const message = needsVerifier(shown)
    ? 'This link works only in the browser that requested it. Open it there, or request a new one here.'
    : shown?.message
  return (
    <>
      <h1 className="text-2xl">Set a new password</h1>
      <Card>
        <form
          action={send}
          onSubmit={(event) => {
            // The SDK may need it after React has reset the form.
            password.current = String(new FormData(event.currentTarget).get('password') ?? '')
          }}
          className="grid gap-4"
        >
          <FormProblem
            id="password-problem"
            state={{ problem: shown && { code: shown.code, message: message ?? shown.message } }}
          />
          <input type="hidden" name="token" value={token} />
          <Field
            label="New password"
            name="password"
            type="password"
            autoComplete="new-password"
            maxLength={256}
            required
            hint="Use a long password, such as four random words."
            invalid={shown !== null && !needsVerifier(shown)}
            describedBy={shown ? 'password-problem' : undefined}
          />
          <SubmitButton>Set password and sign in</SubmitButton>
        </form>
        <p className="mt-5 border-line border-t pt-4 text-sm">
          <a href={login} className={linkClass}>
            Request a new reset link
          </a>
        </p>
      </Card>
    </>
  )
}
