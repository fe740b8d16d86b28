import type { Metadata } from 'next'
import { NewNote, NoteList } from '@/app/_notes/notes'
import { Badge, LaneBadge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import { Fact } from '@/app/_ui/fact'
import { LaneTrack } from '@/app/_ui/lanes'
import { Notice } from '@/app/_ui/notice'
import { addressOfPage, type SearchParams } from '@/app/_ui/search-params'
import { formatTimestamp, Timestamp } from '@/app/_ui/timestamp'
import { SessionMigration } from '@/app/seam'
import type { Account } from '@/lib/account/account'
import { errorText } from '@/lib/error-text'
import { legacyName } from '@/lib/seam'
import { type Member, requireMember, requireTeam } from '@/lib/team/member'
import { teamsOf } from '@/lib/team/membership'
import { listTeamNotes } from '@/lib/team/notes'
import { roleName } from '../_ui/role-name'
import { SwitchCard } from '../_ui/switch-card'
import { TeamShell } from '../_ui/team-shell'
import { addTeamNote, deleteTeamNote } from './actions'

type Props = { params: Promise<{ slug: string }>; searchParams: Promise<SearchParams> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await requireTeam((await params).slug)).name }
}

/** The notes of a team, which all of its members share. */
export default async function TeamPage({ params, searchParams }: Props) {
  const { slug } = await params
  const address = addressOfPage(`/team/${slug}`, await searchParams)
  const member = await requireMember(slug, address)
  const { organization, account } = member
  return (
    <TeamShell
      organization={organization}
      member={{ email: account?.email ?? null }}
      current="notes"
      source="team"
    >
      <h1 className="text-2xl">Notes of {organization.name}</h1>
      <p className="mt-1.5 text-quiet">
        {account
          ? `Hello, ${account.name}. All members of the team see these notes.`
          : 'You are signed in.'}
      </p>
      <div className="mt-8 grid items-start gap-4 lg:grid-cols-[2fr_3fr]">
        <div className="grid min-w-0 gap-4">
          <Card title="Session" aside={<LaneBadge lane={member.lane} />}>
            <LaneTrack lane={member.lane} />
            <Facts member={member} />
            <SessionMigration />
          </Card>
          {account && <OtherTeams account={account} slug={slug} />}
        </div>
        <Card title="Notes">
          <Notes slug={slug} organizationId={organization.id} account={account} />
        </Card>
      </div>
    </TeamShell>
  )
}

function Facts({ member: { lane, issuer, account, expiresAt, roles } }: { member: Member }) {
  return (
    <dl className="mt-5 grid gap-3 text-sm">
      <Fact name="Identity provider">
        {lane === 'stytch' ? 'Stytch' : legacyName()}
        <span className="block font-mono text-quiet text-xs">{issuer}</span>
      </Fact>
      {account && (
        <>
          <Fact name="Account id">
            <span className="font-mono text-xs">{account.id}</span>
          </Fact>
          <Fact name="Email">{account.email}</Fact>
        </>
      )}
      <Fact name="Your roles">
        {roles.length === 0 ? (
          lane === 'legacy' ? (
            `managed at ${legacyName()}`
          ) : (
            'no role'
          )
        ) : (
          <span className="flex flex-wrap gap-1.5">
            {roles.map((role) => (
              <Badge key={role}>{roleName(role)}</Badge>
            ))}
          </span>
        )}
      </Fact>
      <Fact name="Session ends">
        <Timestamp at={expiresAt} />
      </Fact>
    </dl>
  )
}

async function OtherTeams({ account, slug }: { account: Account; slug: string }) {
  const teams = await teamsOf(account.id).catch((error: unknown) => {
    console.error(`team: the teams could not be read: ${errorText(error)}`)
    return []
  })
  const others = teams.filter((each) => each.slug !== slug)
  return others.length > 0 && <SwitchCard title="Your other teams" teams={others} />
}

async function Notes({
  slug,
  organizationId,
  account,
}: {
  slug: string
  organizationId: string
  account: Account | null
}) {
  const notes = account && (await listTeamNotes(organizationId).catch(logged))
  if (!account || !notes) {
    return (
      <Notice tone="warn" title="The notes are unavailable">
        The database does not answer. You are still signed in, and the notes are safe. Reload this
        page in a minute.
      </Notice>
    )
  }
  return (
    <div className="grid gap-6">
      <NewNote addNote={addTeamNote.bind(null, slug)} draft={`${account.id}:${organizationId}`} />
      <NoteList
        deleteNote={deleteTeamNote.bind(null, slug)}
        notes={notes.map(({ id, text, createdAt, author }) => ({
          id,
          text,
          at: createdAt.toISOString(),
          date: formatTimestamp(createdAt),
          author: author?.id === account.id ? 'You' : (author?.name ?? 'A former member'),
          mayDelete: author?.id === account.id,
        }))}
        label="Notes of the team"
        empty="Add the first note. Every member of the team can read it."
      />
    </div>
  )
}

function logged(error: unknown): null {
  console.error(`team: the notes could not be read: ${errorText(error)}`)
  return null
}
