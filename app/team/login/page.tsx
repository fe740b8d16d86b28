import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { firstValue, type SearchParams } from '@/app/_ui/search-params'
import { LegacyLogin } from '@/app/seam'
import { linkBaseUrl } from '@/lib/team/hosts'
import { requireTeams } from '@/lib/team/require-teams'
import { safeTeamReturnTo } from '@/lib/team/return-to'
import { readTeamRequest } from '@/lib/team/seam'
import { signedInMember } from '@/lib/team/signed-in'
import { isSlug } from '@/lib/team/slug'
import { SignedInToTeam } from '../_ui/signed-in-to-team'
import { TeamExplanation } from '../_ui/team-explanation'
import { TeamShell } from '../_ui/team-shell'
import { legacyTeamLogin } from './legacy-team-login'
import { OpenTeam } from './open-team'
import { readPendingTeamSignIn } from './pending-team-sign-in'
import { teamLoginUrl } from './team-login-url'
import { TeamStytchFlow } from './team-stytch-flow'

type Props = { searchParams: Promise<SearchParams> }

export const metadata: Metadata = { title: 'Find your team' }

/** The sign-in of somebody who has named no team. They choose one afterwards. */
export default async function TeamsLoginPage({ searchParams }: Props) {
  await requireTeams()
  const search = await searchParams
  const returnTo = safeTeamReturnTo(firstValue(search.returnTo))
  const named = firstValue(search.team) ?? ''
  if (isSlug(named)) redirect(teamLoginUrl(named, returnTo))
  const [reading, pending] = await Promise.all([
    readTeamRequest('public', null),
    readPendingTeamSignIn(),
  ])
  const member = await signedInMember(reading)
  // Somebody with a pending code or link can finish the sign-in, even after a rollback.
  const isPending = search.step !== undefined && pending !== null
  const explanation = (
    <TeamExplanation reason={firstValue(search.reason)} problem={firstValue(search.problem)} />
  )
  const origin = linkBaseUrl((await headers()).get('host'))
  return (
    <TeamShell width="narrow" member={member && { email: member.account?.email ?? null }}>
      <div className="grid gap-5">
        {member ? (
          <SignedInToTeam member={member} returnTo={returnTo} />
        ) : reading.flow.name === 'stytch' || isPending ? (
          <TeamStytchFlow
            team={null}
            search={search}
            returnTo={returnTo}
            pending={pending?.slug === null ? pending : null}
            explanation={explanation}
            authenticateUrl={`${origin}/team/authenticate`}
            footer={<OpenTeam />}
          />
        ) : (
          <>
            <h1 className="text-2xl">Find your team</h1>
            {explanation}
            <LegacyLogin login={legacyTeamLogin(null, returnTo)} />
            <OpenTeam />
          </>
        )}
      </div>
    </TeamShell>
  )
}
