import type { Metadata } from 'next'
import Link from 'next/link'
import { NewNote, NoteList } from '@/app/_notes/notes'
import { LaneBadge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import { Fact } from '@/app/_ui/fact'
import { LaneTrack } from '@/app/_ui/lanes'
import { Notice } from '@/app/_ui/notice'
import { PageShell } from '@/app/_ui/page-shell'
import { addressOfPage, type SearchParams } from '@/app/_ui/search-params'
import { formatTimestamp, Timestamp } from '@/app/_ui/timestamp'
import { SessionMigration } from '@/app/seam'
import { errorText } from '@/lib/error-text'
import { legacyName } from '@/lib/seam'
import { requireViewer, type Viewer } from '@/lib/viewer'
import { addNote, deleteNote } from './actions'
import { listNotes } from './notes'

export const metadata: Metadata = { title: 'Dashboard' }

type Props = { searchParams: Promise<SearchParams> }

export default async function DashboardPage({ searchParams }: Props) {
  const viewer = await requireViewer(addressOfPage('/dashboard', await searchParams))
  return (
    <PageShell current="dashboard">
      <h1 className="text-2xl">Your dashboard</h1>
      <p className="mt-1.5 text-quiet">
        {viewer.account
          ? `Hello, ${viewer.account.name}. This page is the same on both lanes.`
          : 'You are signed in.'}
      </p>
      <div className="mt-8 grid items-start gap-4 lg:grid-cols-[2fr_3fr]">
        <Card title="Session" aside={<LaneBadge lane={viewer.lane} />}>
          <LaneTrack lane={viewer.lane} />
          <Facts viewer={viewer} />
          <SessionMigration />
        </Card>
        <Card title="Notes">
          <Notes accountId={viewer.account?.id ?? null} problem={viewer.problem} />
        </Card>
      </div>
    </PageShell>
  )
}

function Facts({ viewer: { lane, issuer, account, expiresAt } }: { viewer: Viewer }) {
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
          <Fact name="Email">
            {account.email}
            <span className="block text-quiet text-xs">
              {account.provedEmail === account.email ? 'verified' : 'not verified'}
              {lane === 'stytch' && account.provedEmail === null && (
                <>
                  {': '}
                  <Link className="underline" href="/login?returnTo=/dashboard">
                    confirm it
                  </Link>
                </>
              )}
            </span>
          </Fact>
        </>
      )}
      <Fact name="Session ends">
        <Timestamp at={expiresAt} />
      </Fact>
    </dl>
  )
}

async function Notes({
  accountId,
  problem,
}: {
  accountId: string | null
  problem: Viewer['problem']
}) {
  if (problem === 'proof_incomplete') {
    return (
      <Notice tone="warn" title="Your account is not open yet">
        Your email address is confirmed. The app could not yet remove other ways to sign in that
        were added before. Reload this page to try again.
      </Notice>
    )
  }
  if (!accountId) {
    return (
      <Notice tone="warn" title="Your account is unavailable">
        You are signed in, but the app cannot look up your account. Your data is safe. Reload this
        page in a minute.
      </Notice>
    )
  }
  const notes = await listNotes(accountId).catch((error: Error) => {
    console.error(`notes: ${errorText(error)}`)
    return null
  })
  if (!notes) {
    return (
      <Notice tone="warn" title="Your notes are unavailable">
        The database does not answer. You are still signed in, and your notes are safe. Reload this
        page in a minute.
      </Notice>
    )
  }
  const listed = notes.map(({ id, text, createdAt }) => ({
    id,
    text,
    at: createdAt.toISOString(),
    date: formatTimestamp(createdAt),
    mayDelete: true,
  }))
  return (
    <div className="grid gap-6">
      <NewNote addNote={addNote} draft={accountId} />
      <NoteList
        deleteNote={deleteNote}
        notes={listed}
        label="Your notes"
        empty="Add a note. It stays with your account when your session moves to the other lane."
      />
    </div>
  )
}
