import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { SubmitButton } from '@/app/_ui/submit-button'
import { signOut } from '@/app/(consumer)/sign-out-action'
import type { Viewer } from '@/lib/viewer'

export function AlreadySignedIn({ viewer, returnTo }: { viewer: Viewer; returnTo: string }) {
  return (
    <>
      <h1 className="text-2xl">You are signed in</h1>
      <Card>
        <p className="text-quiet [overflow-wrap:anywhere]">
          {viewer.account && `You are signed in as ${viewer.account.email}. `}
          Continue, or sign out to use another account.
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
