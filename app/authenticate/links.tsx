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
import { adoptForm, hasVerifier } from '@/app/login/prebuilt-memory'
import type { StytchProject } from '@/app/login/stytch-browser'
import { completeMagicLink, setNewPassword } from './actions'

type Problem = NonNullable<FormState['problem']>
type LinkProps = {
  token: string
  project: StytchProject
  /** Address of the login, for another link. */
  login: string
}

/** What a link means that needs a verifier which the server does not hold: the pre-built UI asked for it. */
const needsVerifier = (problem: Problem | null): boolean =>
  problem?.code === 'pkce_expected_code_verifier' || problem?.code === 'pkce_mismatch'

/**
 * Tries again with the SDK what the server could not do, if this browser holds the verifier; the session
 * that it makes is then taken over by the server.
 */
function useSdkFallback(
  problem: Problem | null,
  of: 'magic_links' | 'passwords',
  { project, authenticate }: { project: StytchProject; authenticate: Authenticate },
) {
  const [adopted, adopt] = useActionState(adoptSession, { problem: null })
  const [attempt, setAttempt] = useState<'none' | 'running' | Problem>('none')
  const tried = useRef<Problem | null>(null)
  const { publicToken } = project

  // Before the browser paints, or the problem would flash up.
  useLayoutEffect(() => {
    if (!needsVerifier(problem) || tried.current === problem || !hasVerifier(publicToken, of))
      return
    tried.current = problem
    setAttempt('running')
    import('@/app/login/stytch-browser')
      .then(({ stytchBrowser }) => authenticate(stytchBrowser(project)))
      .then(() => startTransition(() => adopt(adoptForm())))
      .catch((error: { error_type?: string; error_message?: string }) =>
        setAttempt({
          code: error.error_type ?? 'unavailable',
          message:
            error.error_message ?? 'The login provider cannot be reached. Try again in a moment.',
        }),
      )
  })
  if (attempt === 'none') return { isRunning: false, problem }
  if (attempt === 'running')
    return { isRunning: adopted.problem === null, problem: adopted.problem }
  return { isRunning: false, problem: attempt }
}

type Client = ReturnType<typeof import('@/app/login/stytch-browser').stytchBrowser>
type Authenticate = (client: Client) => Promise<unknown>

/** Links that were sent off by themselves already: going back to the page must not do it again. */
const begun = new Set<string>()

/** Signs in with a mailed link: by itself where scripts run, with a button where they do not. */
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
    // Someone who is signed in is asked: the link could be another person's.
    if (signedInAs !== null || begun.has(token)) return
    begun.add(token)
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
            ? 'One moment: your link is being checked.'
            : `You are signed in as ${signedInAs} in this browser. Use the link only if you asked for it yourself.`}
        </p>
        <form ref={form} action={complete} className="mt-5 grid gap-2">
          <input type="hidden" name="token" value={token} />
          {signedInAs === null ? (
            <SubmitButton>Continue</SubmitButton>
          ) : (
            <>
              <a href="/dashboard" className={buttonClass('primary')}>
                Stay signed in as you are
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

const explanations: Record<string, { title: string; what: string; next: string }> = {
  unable_to_auth_magic_link: {
    title: 'This link was used already, or has expired',
    what: 'Each link works once, and for an hour. Some mail programs open links before you do.',
    next: 'Get a new link, or ask for a code instead: a code cannot be used up by a mail program.',
  },
  magic_link_not_found: {
    title: 'This link is not known',
    what: 'It is incomplete, or a newer link has taken its place.',
    next: 'Open the latest mail, copy the whole link, or get a new one.',
  },
  pkce_mismatch: {
    title: 'This link belongs to another browser',
    what: 'For your safety a link works only in the browser that asked for it.',
    next: 'Open it there, or get a new link here.',
  },
}

function LinkProblem({ problem, login }: { problem: Problem; login: string }) {
  const explanation = explanations[needsVerifier(problem) ? 'pkce_mismatch' : problem.code]
  return (
    <>
      <h1 className="text-2xl">{explanation?.title ?? 'The link did not sign you in'}</h1>
      <Card>
        <Notice tone="problem" role="alert">
          {explanation?.what ?? problem.message}
        </Notice>
        <p className="mt-4 text-quiet text-sm">
          {explanation?.next ?? 'Open the link from the mail again, or get a new one.'}
        </p>
        <a href={login} className={buttonClass('primary', 'mt-5 w-full')}>
          Get a new link
        </a>
      </Card>
    </>
  )
}

/** Sets a new password with a mailed link. */
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
    ? 'This link was asked for in another browser, and works only there. Open it there, or ask for a new one here.'
    : shown?.message
  return (
    <>
      <h1 className="text-2xl">Set a new password</h1>
      <Card>
        <form
          action={send}
          onSubmit={(event) => {
            // Kept for the SDK's attempt: the form is empty again by then.
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
            hint="Four words in a row make a good one."
            invalid={shown !== null && !needsVerifier(shown)}
            describedBy={shown ? 'password-problem' : undefined}
          />
          <SubmitButton>Set password and sign in</SubmitButton>
        </form>
        <p className="mt-5 border-line border-t pt-4 text-sm">
          <a href={login} className={linkClass}>
            Ask for a new reset link
          </a>
        </p>
      </Card>
    </>
  )
}
