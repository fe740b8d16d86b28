import { buttonClass, linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { MailIcon } from '@/app/_ui/icons'
import { config } from '@/lib/config'
import { loginAddress } from './address'
import { CodeForm, NewCodeForm } from './forms'
import { Other, Others } from './other-ways'

export function CodeStep({ email, returnTo }: { email: string; returnTo: string }) {
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
            <a href={loginAddress(returnTo)} className={linkClass}>
              Use another email address
            </a>
          </p>
        </div>
      </Card>
    </>
  )
}

type SentProps = { step: 'link' | 'reset'; email: string | null; returnTo: string }

export function MailSent({ step, email, returnTo }: SentProps) {
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
          <Other href={loginAddress(returnTo, step === 'reset' ? { with: 'reset' } : {})}>
            Send it again, or use another email address
          </Other>
        </Others>
      </Card>
    </>
  )
}

export function Lapsed({ returnTo }: { returnTo: string }) {
  return (
    <>
      <h1 className="text-2xl">Begin again</h1>
      <Card>
        <p className="text-quiet">
          This sign-in was begun in another browser, or more than an hour ago. Ask for a new code
          here.
        </p>
        <a href={loginAddress(returnTo)} className={buttonClass('primary', 'mt-5 w-full')}>
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
