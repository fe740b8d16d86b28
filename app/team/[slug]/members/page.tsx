import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { Badge, LaneBadge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import { EmptyState } from '@/app/_ui/empty-state'
import { Notice } from '@/app/_ui/notice'
import { Timestamp } from '@/app/_ui/timestamp'
import { errorText } from '@/lib/error-text'
import { legacyName } from '@/lib/seam'
import { mayInvite } from '@/lib/team/may-invite'
import { type Member, requireMember, requireTeam } from '@/lib/team/member'
import { type Membership, membersOf } from '@/lib/team/membership'
import { roleName } from '../../_ui/role-name'
import { TeamShell } from '../../_ui/team-shell'
import { invite } from './actions'
import { InviteForm } from './invite-form'

type Props = { params: Promise<{ slug: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Members of ${(await requireTeam((await params).slug)).name}` }
}

/** The people who have opened the team, and the form to invite another one. */
export default async function MembersPage({ params }: Props) {
  const { slug } = await params
  const member = await requireMember(slug, `/team/${slug}/members`)
  const { organization, account } = member
  // Without an account, it is unknown whether a second factor is missing.
  const members =
    account &&
    (await membersOf(organization.id).catch((error: unknown) => {
      console.error(`team: the members could not be read: ${errorText(error)}`)
      return null
    }))
  return (
    <TeamShell
      organization={organization}
      member={{ email: account?.email ?? null }}
      current="members"
      source="team"
    >
      <h1 className="text-2xl">Members of {organization.name}</h1>
      <p className="mt-1.5 text-quiet">Everybody who has opened this team here.</p>
      <div className="mt-8 grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
        <Card title="Members" aside={members && <Count of={members.length} />}>
          <MemberList members={members} ownAccountId={account?.id ?? null} />
        </Card>
        <Card title="Invite somebody">
          <Invitation member={member} slug={slug} />
        </Card>
      </div>
    </TeamShell>
  )
}

const Count = ({ of }: { of: number }): ReactNode => (
  <span className="text-quiet text-sm">{of === 1 ? '1 person' : `${of} people`}</span>
)

function MemberList({
  members,
  ownAccountId,
}: {
  members: Membership[] | null
  ownAccountId: string | null
}) {
  if (!members) {
    return (
      <Notice tone="warn" title="The members are unavailable">
        The database does not answer. Reload this page in a minute.
      </Notice>
    )
  }
  if (members.length === 0) {
    return <EmptyState title="No members yet">They appear when they open the team.</EmptyState>
  }
  return (
    <ul aria-label="Members" className="divide-y divide-line">
      {members.map(({ accountId, name, email, roles, lane, joinedAt }) => (
        <li
          key={accountId}
          className="grid gap-x-4 gap-y-2 py-3.5 first:pt-0 last:pb-0 sm:grid-cols-[minmax(0,1fr)_auto]"
        >
          <div className="min-w-0">
            <p className="font-medium [overflow-wrap:anywhere]">
              {name}
              {accountId === ownAccountId && <span className="text-quiet"> (you)</span>}
            </p>
            <p className="text-quiet text-sm [overflow-wrap:anywhere]">{email}</p>
            <p className="mt-0.5 text-quiet text-xs">
              Since <Timestamp at={joinedAt} />
            </p>
          </div>
          <div className="flex flex-wrap content-start items-center gap-1.5 sm:justify-end">
            {roles.map((role) => (
              <Badge key={role}>{roleName(role)}</Badge>
            ))}
            <LaneBadge lane={lane} />
          </div>
        </li>
      ))}
    </ul>
  )
}

function Invitation({ member, slug }: { member: Member; slug: string }) {
  switch (mayInvite(member)) {
    case 'yes':
      return (
        <>
          <p className="mb-4 text-quiet text-sm">
            Stytch mails a link. With it the person becomes a member of {member.organization.name}.
          </p>
          <InviteForm invite={invite.bind(null, slug)} />
        </>
      )
    case 'legacy_lane':
      return (
        <p className="text-quiet text-sm">
          Invitations are sent by Stytch. Your session is still at {legacyName()}, so you cannot
          invite anybody here yet. Invite people there until your team has moved.
        </p>
      )
    default:
      return (
        <p className="text-quiet text-sm">
          Only an admin of the team may invite people. Ask one of them.
        </p>
      )
  }
}
