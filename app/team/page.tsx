import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { EmptyState } from '@/app/_ui/empty-state'
import { IncompleteSignOut } from '@/app/_ui/incomplete-sign-out'
import { Notice } from '@/app/_ui/notice'
import { firstValue, type SearchParams } from '@/app/_ui/search-params'
import { errorText } from '@/lib/error-text'
import { teamsOf } from '@/lib/team/membership'
import { requireTeams } from '@/lib/team/require-teams'
import { safeTeamReturnTo } from '@/lib/team/return-to'
import { findTeam, readTeamRequest } from '@/lib/team/seam'
import { type SignedInMember, signedInMember } from '@/lib/team/signed-in'
import { isSlug } from '@/lib/team/slug'
import { SwitchCard } from './_ui/switch-card'
import { TeamExplanation } from './_ui/team-explanation'
import { TeamShell } from './_ui/team-shell'
import { OpenTeam } from './login/open-team'
import { teamLoginUrl } from './login/team-login-url'

export const metadata: Metadata = { title: 'Teams' }

type Props = { searchParams: Promise<SearchParams> }

/** The start of the teams. A member of one team goes on to it. */
export default async function TeamsPage({ searchParams }: Props) {
  await requireTeams()
  const search = await searchParams
  const problem = firstValue(search.problem)
  const reason = firstValue(search.reason)
  const member = await signedInMember(await readTeamRequest('public', null))
  const explanation = <TeamExplanation reason={reason} problem={problem} />
  return (
    <TeamShell
      width="narrow"
      source="team"
      member={member && { email: member.account?.email ?? null }}
    >
      <div className="grid gap-5">
        {member ? (
          <Teams member={member} goesOn={!problem && !reason} explanation={explanation} />
        ) : (
          <>
            <h1 className="text-2xl">Teams</h1>
            <IncompleteSignOut />
            {explanation}
            <Card>
              <p className="text-quiet">
                A team shares its notes. Only its members see them. One person can be a member of
                several teams.
              </p>
              <a
                href={teamLoginUrl(null, safeTeamReturnTo(firstValue(search.returnTo)))}
                className={buttonClass('primary', 'mt-5 w-full')}
              >
                Sign in
              </a>
            </Card>
            <OpenTeam />
          </>
        )}
      </div>
    </TeamShell>
  )
}

async function Teams({
  member: { slug, account },
  goesOn,
  explanation,
}: {
  member: SignedInMember
  /** Whether a member of one team goes on to it. */
  goesOn: boolean
  explanation: ReactNode
}) {
  const teams = account ? await teamsOf(account.id).catch(logged) : null
  const current = slug && isSlug(slug) ? await findTeam(slug).catch(logged) : null
  const others = (teams ?? []).filter((each) => each.slug !== slug)
  if (goesOn && teams && current && others.length === 0) redirect(`/team/${current.slug}`)
  return (
    <>
      <h1 className="text-2xl">Your teams</h1>
      {explanation}
      {!teams && (
        <Notice tone="warn" title="Your teams are unavailable">
          You are signed in, but the app cannot look up your teams. Reload this page in a minute.
        </Notice>
      )}
      {current && (
        <Card title={current.name}>
          <p className="text-quiet text-sm">You are signed in to this team.</p>
          <a href={`/team/${current.slug}`} className={buttonClass('primary', 'mt-5 w-full')}>
            Open {current.name}
          </a>
        </Card>
      )}
      {others.length > 0 && <SwitchCard title="Other teams" teams={others} />}
      {teams && !current && others.length === 0 && (
        <Card>
          <EmptyState title="No team yet">Ask an admin of your team to invite you.</EmptyState>
        </Card>
      )}
    </>
  )
}

function logged(error: unknown): null {
  console.error(`team: the teams could not be read: ${errorText(error)}`)
  return null
}
