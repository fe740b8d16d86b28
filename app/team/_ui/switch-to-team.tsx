import { Notice } from '@/app/_ui/notice'
import type { Organization } from '@/lib/team/organization'
import type { SignedInMember } from '@/lib/team/signed-in'
import { SwitchButton } from './switch-button'
import { teamName } from './team-name'

/** Says that the session is for another team, and offers to switch. */
export async function SwitchToTeam({
  member: { slug, lane },
  organization,
}: {
  member: SignedInMember
  organization: Pick<Organization, 'slug' | 'name'>
}) {
  const current = slug ? await teamName(slug) : 'another team'
  return (
    <Notice tone="info" title={`You are signed in to ${current}`}>
      A session opens one team only. Switch to {organization.name} if you are a member, or sign in
      to it below.
      {lane === 'stytch' && (
        <SwitchButton slug={organization.slug}>Switch to {organization.name}</SwitchButton>
      )}
    </Notice>
  )
}
