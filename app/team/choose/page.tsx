import type { Metadata } from 'next'
import { buttonClass, linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { EmptyState } from '@/app/_ui/empty-state'
import { Notice } from '@/app/_ui/notice'
import { SignInExpired } from '@/app/login/email-steps'
import { ProviderFailure } from '@/lib/provider-failure'
import { StytchRefusal } from '@/lib/stytch/client'
import { requireTeams } from '@/lib/team/require-teams'
import { type DiscoveredOrganization, listOrganizations } from '@/lib/team/stytch/discovery'
import { TeamList } from '../_ui/team-list'
import { TeamShell } from '../_ui/team-shell'
import { readPendingTeamSignIn } from '../login/pending-team-sign-in'
import { teamLoginUrl } from '../login/team-login-url'
import { chooseTeam } from './actions'

export const metadata: Metadata = { title: 'Choose a team' }

/** The teams of a person who has proved an address in discovery. */
export default async function ChoosePage() {
  await requireTeams()
  const pending = await readPendingTeamSignIn()
  const start = teamLoginUrl(null, pending?.returnTo ?? '/team')
  const found = pending?.intermediateToken ? await discovered(pending.intermediateToken) : 'expired'
  return (
    <TeamShell width="narrow">
      <div className="grid gap-5">
        {found === 'expired' ? (
          <SignInExpired start={start} />
        ) : found === 'unavailable' ? (
          <>
            <h1 className="text-2xl">Your teams are unavailable</h1>
            <Card>
              <Notice tone="warn">
                Stytch does not answer. Your email address is confirmed. Reload this page in a
                moment.
              </Notice>
            </Card>
          </>
        ) : (
          <>
            <h1 className="text-2xl">Choose a team</h1>
            <Card>
              <p className="mb-5 text-quiet text-sm [overflow-wrap:anywhere]">
                You have confirmed{' '}
                <strong className="font-medium text-ink">{pending?.email}</strong>.{' '}
                <a href={start} className={linkClass}>
                  Use another address
                </a>
              </p>
              <Organizations found={found} start={start} />
            </Card>
          </>
        )}
      </div>
    </TeamShell>
  )
}

function Organizations({ found, start }: { found: DiscoveredOrganization[]; start: string }) {
  if (found.length === 0) {
    return (
      <>
        <EmptyState title="No team with this address">
          Ask an admin of your team to invite this address, or use the address of your work.
        </EmptyState>
        <a href={start} className={buttonClass('secondary', 'mt-5 w-full')}>
          Use another address
        </a>
      </>
    )
  }
  return (
    <TeamList
      field="organization"
      action={chooseTeam}
      teams={found.map(({ id, name, relation, requires }) => ({
        value: id,
        name,
        note: requires ? notes[requires] : notes[relation],
        action: relation === 'joins' ? 'Join' : relation === 'invited' ? 'Accept' : 'Sign in',
      }))}
    />
  )
}

const notes = {
  member: 'You are a member',
  invited: 'You are invited',
  joins: 'Your address lets you join',
  primary_required: 'Asks for another way to sign in',
  mfa_required: 'Asks for a second factor',
}

async function discovered(
  token: string,
): Promise<DiscoveredOrganization[] | 'expired' | 'unavailable'> {
  try {
    return await listOrganizations(token)
  } catch (error) {
    if (error instanceof StytchRefusal) return 'expired'
    if (!(error instanceof ProviderFailure)) throw error
    console.error(error.message)
    return 'unavailable'
  }
}
