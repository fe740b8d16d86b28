import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { firstValue, type SearchParams } from '@/app/_ui/search-params'
import { LegacyLink, LegacyLogin } from '@/app/seam'
import { linkBaseUrl } from '@/lib/team/hosts'
import { memberOf, requireTeam } from '@/lib/team/member'
import type { Organization } from '@/lib/team/organization'
import { returnToTeam } from '@/lib/team/return-to'
import { readTeamRequest } from '@/lib/team/seam'
import { signedInMember } from '@/lib/team/signed-in'
import { SignedInToTeam } from '../../_ui/signed-in-to-team'
import { SwitchToTeam } from '../../_ui/switch-to-team'
import { TeamExplanation } from '../../_ui/team-explanation'
import { TeamShell } from '../../_ui/team-shell'
import { legacyTeamLogin } from '../../login/legacy-team-login'
import { readPendingTeamSignIn } from '../../login/pending-team-sign-in'
import { TeamStytchFlow } from '../../login/team-stytch-flow'

type Props = { params: Promise<{ slug: string }>; searchParams: Promise<SearchParams> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name } = await requireTeam((await params).slug)
  return { title: `Sign in to ${name}` }
}

/** The login of one team. All members of a team get the same one. */
export default async function TeamLoginPage({ params, searchParams }: Props) {
  const [{ slug }, search] = await Promise.all([params, searchParams])
  const organization = await requireTeam(slug)
  const returnTo = returnToTeam(slug, firstValue(search.returnTo))
  const [reading, pending] = await Promise.all([
    readTeamRequest('public', slug),
    readPendingTeamSignIn(),
  ])
  const [member, found] = await Promise.all([
    signedInMember(reading),
    memberOf(reading, organization),
  ])
  const own = pending?.slug === slug ? pending : null
  const isPending = search.step !== undefined && own !== null
  // The member has a second factor there, so this login does not open the team.
  const needsLegacy = firstValue(search.reason) === 'mfa_required'
  const hasLegacy = organization.legacyId !== null
  const explanation = (
    <>
      <TeamExplanation
        reason={needsLegacy && !hasLegacy ? 'second_factor_elsewhere' : firstValue(search.reason)}
        problem={firstValue(search.problem)}
        cookie={firstValue(search.cookie)}
        team={organization.name}
      />
      {member && <SwitchToTeam member={member} organization={organization} />}
    </>
  )
  return (
    <TeamShell
      width="narrow"
      organization={organization}
      member={member && { email: member.account?.email ?? null }}
    >
      <div className="grid gap-5">
        {member && 'member' in found ? (
          <SignedInToTeam member={member} returnTo={returnTo} />
        ) : isStytchLogin(reading.flow.name, organization) || isPending ? (
          <TeamStytchFlow
            team={organization}
            search={search}
            returnTo={returnTo}
            pending={own}
            explanation={explanation}
            footer={
              needsLegacy &&
              hasLegacy && <LegacyLink login={legacyTeamLogin(organization.legacyId, returnTo)} />
            }
            authenticateUrl={`${linkBaseUrl((await headers()).get('host'))}/team/authenticate`}
          />
        ) : (
          <>
            <h1 className="text-2xl [overflow-wrap:anywhere]">Sign in to {organization.name}</h1>
            {explanation}
            <LegacyLogin login={legacyTeamLogin(organization.legacyId, returnTo)} />
          </>
        )}
      </div>
    </TeamShell>
  )
}

/** An organization that one provider does not know can only sign in at the other. */
const isStytchLogin = (flow: 'stytch' | 'legacy', { stytchId, legacyId }: Organization): boolean =>
  flow === 'stytch' ? stytchId !== null : legacyId === null
