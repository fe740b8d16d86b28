import { Notice } from '@/app/_ui/notice'
import type { Organization } from '@/lib/team/organization'
import type { SignedInMember } from '@/lib/team/signed-in'
import { SwitchButton } from './switch-button'

/** Says that the session is for another team, and offers to switch. */
export function SwitchToTeam({
  member: { slug, lane },
  organization,
}: {
  member: SignedInMember
  organization: Pick<Organization, 'slug' | 'name'>
}) {
  return (
    <Notice tone="info" title={`You are signed in to ${slug ?? 'another team'}`}>
      A session opens one team only. Switch to {organization.name} if you are a member, or sign in
      to it below.
      {lane === 'stytch' && (
        <SwitchButton slug={organization.slug}>Switch to {organization.name}</SwitchButton>
      )}
    </Notice>
  )
}
