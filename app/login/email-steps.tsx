import type { Route } from 'next'
import { buttonClass, linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { MailIcon } from '@/app/_ui/icons'
import { config } from '@/lib/config'
import { AlternativeLink, AlternativeLinks } from './alternative-links'
import { type Action, CodeForm, NewCodeForm } from './forms'

type CodeStepProps = {
  email: string
  returnTo: string
  start: Route
  verifyCode: Action
  requestCode: Action
  /** The condition under which the mail was sent, if there is one. */
  condition?: string
}

export function CodeStep({
  email,
  returnTo,
  start,
  verifyCode,
  requestCode,
  condition,
}: CodeStepProps) {
  return (
    <>
      <h1 className="text-2xl">Enter the code</h1>
      <Card>
        <p className="mb-4 text-quiet text-sm [overflow-wrap:anywhere]">
          We sent a six-digit code to <strong className="font-medium text-ink">{email}</strong>
          {condition && `, ${condition}`}. It is valid for 10 minutes. <InboxHint />
        </p>
        <CodeForm verifyCode={verifyCode} returnTo={returnTo} />
        <div className="mt-5 grid gap-3 border-line border-t pt-4">
          <NewCodeForm requestCode={requestCode} email={email} returnTo={returnTo} />
          <p className="text-sm">
            <a href={start} className={linkClass}>
              Use another email address
            </a>
          </p>
        </div>
      </Card>
    </>
  )
}

type SentProps = {
  step: 'link' | 'reset'
  email: string | null
  again: Route
  /** See {@link CodeStep}. */
  condition?: string
}

export function MailSent({ step, email, again, condition }: SentProps) {
  return (
    <>
      <h1 className="text-2xl">Check your email</h1>
      <Card>
        <MailIcon className="mb-3 size-7 text-quiet" />
        <p className="[overflow-wrap:anywhere]">
          We sent {step === 'link' ? 'a sign-in link' : 'a link to set a new password'}
          {email && (
            <>
              {' '}
              to <strong className="font-medium">{email}</strong>
            </>
          )}
          {condition && `, ${condition}`}.
        </p>
        <p className="mt-2 text-quiet text-sm">
          Open it in this browser within one hour. It works once. If it does not arrive within a
          minute, check your spam folder and the email address. <InboxHint />
        </p>
        <AlternativeLinks>
          <AlternativeLink href={again}>Send again or use another email address</AlternativeLink>
        </AlternativeLinks>
      </Card>
    </>
  )
}

export function SignInExpired({ start }: { start: Route }) {
  return (
    <>
      <h1 className="text-2xl">Start again</h1>
      <Card>
        <p className="text-quiet">
          This sign-in started in another browser, or more than an hour ago. Request a new code.
        </p>
        <a href={start} className={buttonClass('primary', 'mt-5 w-full')}>
          Request a new code
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
      In the sandbox, find it in the{' '}
      <a href={`${stytch.apiUrl}/`} target="_blank" rel="noreferrer" className={linkClass}>
        inbox<span className="sr-only"> (opens in a new tab)</span>
      </a>
      .
    </>
  )
}
