import type { Metadata, Route } from 'next'
import type { ReactNode } from 'react'
import { buttonClass, linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { MailIcon } from '@/app/_ui/icons'
import { Notice } from '@/app/_ui/notice'
import { PageShell } from '@/app/_ui/page-shell'
import { SubmitButton } from '@/app/_ui/submit-button'
import { Tabs } from '@/app/_ui/tabs'
import type { FormState } from '@/app/form-state'
import { signOut } from '@/app/sign-out-action'
import { config } from '@/lib/config'
import { safeReturnTo } from '@/lib/return-to'
import { loginFlow } from '@/lib/seam'
import { getViewer, type Viewer } from '@/lib/viewer'
import { requestCode, requestLink } from './actions'
import { CodeForm, EmailForm, NewCodeForm, PasswordForm, ResetForm, SignUpForm } from './forms'
import { readPending } from './pending'
import { Prebuilt } from './prebuilt'

type Search = Record<string, string | string[] | undefined>
type Props = { searchParams: Promise<Search> }

const one = (value: Search[string]): string | undefined => (Array.isArray(value) ? value[0] : value)

/** What the page shows, beside a form for the email address. */
type View = {
  tab?: 'prebuilt'
  /** Of the pre-built UI. */
  by?: 'code'
  step?: 'code' | 'link' | 'reset'
  with?: 'password' | 'signup' | 'reset'
}

const addressOf = (returnTo: string, view: View = {}): Route =>
  `/login?${new URLSearchParams({ ...view, returnTo })}`

const titles: Record<string, string> = {
  code: 'Enter the code',
  link: 'Check your mail',
  reset: 'Check your mail',
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  return { title: titles[one((await searchParams).step) ?? ''] ?? 'Sign in' }
}

export default async function LoginPage({ searchParams }: Props) {
  const search = await searchParams
  const returnTo = safeReturnTo(one(search.returnTo))
  const [viewer, flow, pending] = await Promise.all([getViewer(), loginFlow(), readPending()])
  const step = one(search.step)
  // Who was mailed a code finishes with it, even if the policy was turned back in between.
  const isStytch = flow === 'stytch' || (step !== undefined && pending !== null)
  const explanation = <Explanation reason={one(search.reason)} problem={one(search.problem)} />
  return (
    <PageShell width="narrow">
      <div className="grid gap-5">
        {viewer ? (
          <SignedIn viewer={viewer} returnTo={returnTo} />
        ) : isStytch ? (
          <StytchFlow
            search={search}
            returnTo={returnTo}
            pending={pending}
            explanation={explanation}
          />
        ) : (
          <LegacyFlow returnTo={returnTo} explanation={explanation} />
        )}
      </div>
    </PageShell>
  )
}

function Explanation({ reason, problem }: { reason?: string; problem?: string }) {
  if (problem === 'legacy_sign_in_failed') {
    return (
      <Notice tone="problem" title="Signing in did not work">
        The login did not finish, so you are not signed in. Nothing is lost: try again.
      </Notice>
    )
  }
  if (reason === 'legacy_session_not_accepted') {
    return (
      <Notice tone="info" title="Sign-in has changed">
        We have moved to a new login. Sign in once more with the same email address: your account
        and everything in it are the same.
      </Notice>
    )
  }
  if (reason === 'session_ended') {
    return <Notice tone="info">Your session has ended. Sign in again to go on.</Notice>
  }
  if (reason === 'duplicate_cookie' || reason === 'session_mismatch') {
    return (
      <Notice tone="warn" title="Your browser sent cookies that contradict each other">
        They were taken away, so nobody is signed in here now. Sign in again. If this comes back,
        delete the cookies of this site and of the sites it belongs to.
      </Notice>
    )
  }
  return null
}

function SignedIn({ viewer, returnTo }: { viewer: Viewer; returnTo: string }) {
  return (
    <>
      <h1 className="text-2xl">You are signed in</h1>
      <Card>
        <p className="text-quiet [overflow-wrap:anywhere]">
          {viewer.account ? `As ${viewer.account.email}. ` : ''}Go on, or sign out to use another
          account.
        </p>
        <div className="mt-5 grid gap-2 sm:grid-cols-2">
          <a href={returnTo} className={buttonClass('primary')}>
            Continue
          </a>
          <form action={signOut} className="grid">
            <SubmitButton kind="secondary">Sign out</SubmitButton>
          </form>
        </div>
      </Card>
    </>
  )
}

/** Links and not `Link`: a prefetched login would begin one. */
function LegacyFlow({ returnTo, explanation }: { returnTo: string; explanation: ReactNode }) {
  const login = `/auth/login?${new URLSearchParams({ returnTo })}`
  return (
    <>
      <h1 className="text-2xl">Sign in</h1>
      {explanation}
      <Card>
        <p className="text-quiet">
          You enter your email address and password on the login page of Auth0, and come back here.
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

/** Both buttons of one form, so that its state is one: React keeps the state of one action a form without script. */
async function requestMail(previous: FormState, data: FormData): Promise<FormState> {
  'use server'
  return data.get('by') === 'link' ? requestLink(previous, data) : requestCode(previous, data)
}

type StytchProps = {
  search: Search
  returnTo: string
  pending: { email: string; methodId?: string } | null
  explanation: ReactNode
}

function StytchFlow({ search, returnTo, pending, explanation }: StytchProps) {
  const step = one(search.step)
  if (step === 'code') {
    return pending?.methodId ? (
      <CodeStep email={pending.email} returnTo={returnTo} />
    ) : (
      <Lapsed returnTo={returnTo} />
    )
  }
  if (step === 'link' || step === 'reset') {
    return <MailSent step={step} email={pending?.email ?? null} returnTo={returnTo} />
  }
  const isPrebuilt = one(search.tab) === 'prebuilt'
  return (
    <>
      <h1 className="text-2xl">Sign in</h1>
      {explanation}
      <Tabs
        label="Ways to sign in"
        tabs={[
          { label: 'Email', href: addressOf(returnTo), isCurrent: !isPrebuilt },
          {
            label: 'Pre-built UI',
            href: addressOf(returnTo, { tab: 'prebuilt' }),
            isCurrent: isPrebuilt,
          },
        ]}
      />
      <Card>
        {isPrebuilt ? (
          <PrebuiltTab mails={one(search.by) === 'code' ? 'code' : 'link'} returnTo={returnTo} />
        ) : (
          <EmailTab method={one(search.with)} returnTo={returnTo} />
        )}
      </Card>
    </>
  )
}

function EmailTab({ method, returnTo }: { method: string | undefined; returnTo: string }) {
  const withCode = <Other href={addressOf(returnTo)}>Use a code or a link by email</Other>
  const withPassword = (
    <Other href={addressOf(returnTo, { with: 'password' })}>Use a password</Other>
  )
  const withSignUp = (
    <Other href={addressOf(returnTo, { with: 'signup' })}>Create an account with a password</Other>
  )
  switch (method) {
    case 'password':
      return (
        <>
          <PasswordForm returnTo={returnTo} forgot={addressOf(returnTo, { with: 'reset' })} />
          <Others>
            {withCode}
            {withSignUp}
          </Others>
        </>
      )
    case 'signup':
      return (
        <>
          <h2 className="mb-4 text-lg">Create an account</h2>
          <SignUpForm returnTo={returnTo} />
          <Others>
            {withCode}
            <Other href={addressOf(returnTo, { with: 'password' })}>
              Sign in to an account that you have
            </Other>
          </Others>
        </>
      )
    case 'reset':
      return (
        <>
          <h2 className="text-lg">Forgot password</h2>
          <p className="mt-1 mb-4 text-quiet text-sm">
            We mail you a link for setting a new one. Your old password works until then.
          </p>
          <ResetForm returnTo={returnTo} />
          <Others>
            {withCode}
            {withPassword}
          </Others>
        </>
      )
    default:
      return (
        <>
          <EmailForm requestMail={requestMail} returnTo={returnTo} />
          <Others>
            {withPassword}
            {withSignUp}
          </Others>
        </>
      )
  }
}

const Others = ({ children }: { children: ReactNode }) => (
  <ul className="mt-5 grid gap-1.5 border-line border-t pt-4 text-sm">{children}</ul>
)

const Other = ({ href, children }: { href: string; children: ReactNode }) => (
  <li>
    <a href={href} className={linkClass}>
      {children}
    </a>
  </li>
)

function PrebuiltTab({ mails, returnTo }: { mails: 'link' | 'code'; returnTo: string }) {
  const { stytch, appBaseUrl, sessionDurationMinutes } = config()
  return (
    <>
      <Prebuilt
        project={{
          publicToken: stytch.publicToken,
          apiUrl: stytch.apiUrl,
          sessionMinutes: sessionDurationMinutes,
        }}
        mails={mails}
        authenticateUrl={`${appBaseUrl}/authenticate`}
        returnTo={returnTo}
      />
      <noscript>
        <Notice tone="info">
          Stytch’s pre-built UI needs JavaScript. The Email tab does the same without.
        </Notice>
      </noscript>
      <Others>
        {mails === 'link' ? (
          <Other href={addressOf(returnTo, { tab: 'prebuilt', by: 'code' })}>
            Use a code instead of a link
          </Other>
        ) : (
          <Other href={addressOf(returnTo, { tab: 'prebuilt' })}>
            Use a link instead of a code
          </Other>
        )}
      </Others>
    </>
  )
}

function CodeStep({ email, returnTo }: { email: string; returnTo: string }) {
  return (
    <>
      <h1 className="text-2xl">Enter the code</h1>
      <Card>
        <p className="mb-4 text-quiet text-sm [overflow-wrap:anywhere]">
          We sent it to <strong className="font-medium text-ink">{email}</strong>. It works for ten
          minutes. <InboxHint />
        </p>
        <CodeForm returnTo={returnTo} />
        <div className="mt-5 grid gap-3 border-line border-t pt-4">
          <NewCodeForm email={email} returnTo={returnTo} />
          <p className="text-sm">
            <a href={addressOf(returnTo)} className={linkClass}>
              Use another email address
            </a>
          </p>
        </div>
      </Card>
    </>
  )
}

type SentProps = { step: 'link' | 'reset'; email: string | null; returnTo: string }

function MailSent({ step, email, returnTo }: SentProps) {
  return (
    <>
      <h1 className="text-2xl">Check your mail</h1>
      <Card>
        <MailIcon className="mb-3 size-7 text-quiet" />
        <p className="[overflow-wrap:anywhere]">
          {step === 'link' ? 'A link that signs you in' : 'A link for setting a new password'} is on
          its way
          {email ? (
            <>
              {' '}
              to <strong className="font-medium">{email}</strong>
            </>
          ) : (
            ''
          )}
          .
        </p>
        <p className="mt-2 text-quiet text-sm">
          Open it in this browser within an hour; it works once. Nothing there after a minute? Look
          among the junk mail, and check the address for typing mistakes. <InboxHint />
        </p>
        <Others>
          <Other href={addressOf(returnTo, step === 'reset' ? { with: 'reset' } : {})}>
            Send it again, or use another email address
          </Other>
        </Others>
      </Card>
    </>
  )
}

function Lapsed({ returnTo }: { returnTo: string }) {
  return (
    <>
      <h1 className="text-2xl">Begin again</h1>
      <Card>
        <p className="text-quiet">
          This sign-in was begun in another browser, or more than an hour ago. Ask for a new code
          here.
        </p>
        <a href={addressOf(returnTo)} className={buttonClass('primary', 'mt-5 w-full')}>
          Ask for a new code
        </a>
      </Card>
    </>
  )
}

function InboxHint() {
  const { sandbox, stytch } = config()
  if (!sandbox) return null
  return (
    <>
      In the sandbox it is in the{' '}
      <a href={`${stytch.apiUrl}/`} target="_blank" rel="noreferrer" className={linkClass}>
        inbox<span className="sr-only"> (opens in a new tab)</span>
      </a>
      .
    </>
  )
}
