import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { SignedInMember } from '@/lib/team/signed-in'
import { signOutOfTeam } from '../sign-out-action'
import { teamName } from './team-name'

/** Shown on a login page of the teams to a member who is signed in. */
export async function SignedInToTeam({
  member: { account, slug },
  returnTo,
}: {
  member: SignedInMember
  returnTo: string
}) {
  const name = slug && (await teamName(slug))
  return (
    <>
      <h1 className="text-2xl">You are signed in</h1>
      <Card>
        <p className="text-quiet [overflow-wrap:anywhere]">
          You are signed in{name && ` to ${name}`}
          {account && ` as ${account.email}`}. Continue, or sign out to use another account.
        </p>
        <div className="mt-5 grid gap-2 sm:grid-cols-2">
          <a href={returnTo} className={buttonClass('primary')}>
            Continue
          </a>
          <form action={signOutOfTeam} className="grid">
            <SubmitButton kind="secondary">Sign out</SubmitButton>
          </form>
        </div>
      </Card>
    </>
  )
}
