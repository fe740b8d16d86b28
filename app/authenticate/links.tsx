'use client'

import {
  startTransition,
  useActionState,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { buttonClass, linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Field } from '@/app/_ui/field'
import { FormProblem } from '@/app/_ui/form-problem'
import { Notice } from '@/app/_ui/notice'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { FormState } from '@/app/form-state'
import { adoptSession } from '@/app/login/actions'
import { adoptSessionForm, hasCodeVerifier, type SignInAnswer } from '@/app/login/prebuilt-storage'
import type { StytchProject } from '@/app/login/stytch-browser'
import { completeMagicLink, setNewPassword } from './actions'

type Problem = NonNullable<FormState['problem']>
type LinkProps = {
  token: string
  project: StytchProject
  /** URL of the login, to request another link. */
  login: string
}

/** Whether the link needs a PKCE verifier that the server does not have. The pre-built UI keeps it in the browser. */
const needsVerifier = (problem: Problem | null): boolean =>
  problem?.code === 'pkce_expected_code_verifier' || problem?.code === 'pkce_mismatch'

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

/** Tokens that were submitted automatically. Navigating back must not submit them again. */
const submittedTokens = new Set<string>()

/** Signs in with an emailed link. It submits automatically with JavaScript, and shows a button without. */
export function MagicLink({
  token,
  project,
  login,
  signedInAs,
}: LinkProps & { signedInAs: string | null }) {
  const form = useRef<HTMLFormElement>(null)
  const [state, complete, isPending] = useActionState(completeMagicLink, { problem: null })
  const { problem, isRunning } = useSdkFallback(state.problem, 'magic_links', {
    project,
    authenticate: (client) =>
      client.magicLinks.authenticate(token, { session_duration_minutes: project.sessionMinutes }),
  })

  useEffect(() => {
    // A signed-in user must confirm, because an attacker may have sent a link to the attacker's account.
    if (signedInAs !== null || submittedTokens.has(token)) return
    submittedTokens.add(token)
    form.current?.requestSubmit()
  }, [token, signedInAs])

  if (problem && !isRunning && !isPending) return <LinkProblem problem={problem} login={login} />
  return (
    <>
      <h1 className="text-2xl">
        {signedInAs === null ? 'Signing you in' : 'Sign in with this link?'}
      </h1>
      <Card>
        <p className="text-quiet [overflow-wrap:anywhere]">
          {signedInAs === null
            ? 'We are checking your link.'
            : `You are signed in as ${signedInAs} in this browser. Use the link only if you requested it yourself.`}
        </p>
        <form ref={form} action={complete} className="mt-5 grid gap-2">
          <input type="hidden" name="token" value={token} />
          {signedInAs === null ? (
            <SubmitButton>Continue</SubmitButton>
          ) : (
            <>
              <a href="/dashboard" className={buttonClass('primary')}>
                Stay signed in
              </a>
              <SubmitButton kind="secondary">Sign in with the link</SubmitButton>
            </>
          )}
        </form>
        <p role="status" className="sr-only">
          {isRunning || isPending ? 'Signing you in…' : ''}
        </p>
      </Card>
    </>
  )
}

const explanations: Record<string, { title: string; cause: string; next: string }> = {
  unable_to_auth_magic_link: {
    title: 'This link was already used or has expired',
    cause: 'Each link works once, within one hour. Some email programs open links automatically.',
    next: 'Get a new link, or use a code instead. Email programs cannot use up a code.',
  },
  magic_link_not_found: {
    title: 'This link is unknown',
    cause: 'It is incomplete, or a newer link has replaced it.',
    next: 'Open the link in the latest email, or get a new one.',
  },
  pkce_mismatch: {
    title: 'This link belongs to another browser',
    cause: 'For your security, a link works only in the browser that requested it.',
    next: 'Open it in that browser, or get a new link here.',
  },
}

function LinkProblem({ problem, login }: { problem: Problem; login: string }) {
  const explanation = explanations[needsVerifier(problem) ? 'pkce_mismatch' : problem.code]
  return (
    <>
      <h1 className="text-2xl">{explanation?.title ?? 'The link did not sign you in'}</h1>
      <Card>
        <Notice tone="problem" role="alert">
          {explanation?.cause ?? problem.message}
        </Notice>
        <p className="mt-4 text-quiet text-sm">
          {explanation?.next ?? 'Open the link in the email again, or get a new one.'}
        </p>
        <a href={login} className={buttonClass('primary', 'mt-5 w-full')}>
          Get a new link
        </a>
      </Card>
    </>
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
