import { useEffect, useRef } from 'react'
import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { SubmitButton } from '@/app/_ui/submit-button'

/** Tokens that were submitted automatically. Navigating back must not submit them again. */
const submittedTokens = new Set<string>()

type Props = {
  token: string
  action: (data: FormData) => void
  isPending: boolean
  /** The user of this browser, or null. */
  signedInAs: string | null
  /** False for a link that another browser may have requested, such as an invitation. */
  isOwn?: boolean
  /** The page on which a signed-in user stays. */
  home: string
}

/** Signs in with an emailed link. It submits automatically with JavaScript, and shows a button without. */
export function LinkForm({ token, action, isPending, signedInAs, isOwn = true, home }: Props) {
  const form = useRef<HTMLFormElement>(null)

  useEffect(() => {
    // Otherwise the user must confirm, because an attacker may have sent a link to the attacker's account.
    if (signedInAs !== null || !isOwn || submittedTokens.has(token)) return
    submittedTokens.add(token)
    form.current?.requestSubmit()
  }, [token, signedInAs, isOwn])

  return (
    <>
      <h1 className="text-2xl">
        {signedInAs === null && isOwn ? 'Signing you in' : 'Sign in with this link?'}
      </h1>
      <Card>
        <p className="text-quiet [overflow-wrap:anywhere]">
          {signedInAs !== null
            ? `You are signed in as ${signedInAs} in this browser. Use the link only if you requested it yourself.`
            : isOwn
              ? 'We are checking your link.'
              : 'Continue only if you have requested this link, or expect this invitation.'}
        </p>
        <form ref={form} action={action} className="mt-5 grid gap-2">
          <input type="hidden" name="token" value={token} />
          {signedInAs === null ? (
            <SubmitButton>Continue</SubmitButton>
          ) : (
            <>
              <a href={home} className={buttonClass('primary')}>
                Stay signed in
              </a>
              <SubmitButton kind="secondary">Sign in with the link</SubmitButton>
            </>
          )}
        </form>
        <p role="status" className="sr-only">
          {isPending ? 'Signing you in…' : ''}
        </p>
      </Card>
    </>
  )
}
