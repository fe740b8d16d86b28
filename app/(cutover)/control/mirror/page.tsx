import type { Metadata } from 'next'
import { Badge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import { Code } from '@/app/_ui/code'
import { addressOfPage, type SearchParams } from '@/app/_ui/search-params'
import { formatTimestamp } from '@/app/_ui/timestamp'
import {
  type DeadJob,
  deadJobs,
  type MirrorStatus,
  mirrorStatus,
} from '@/lib/cutover/mirror/status'
import { ControlShell, DatabaseUnavailableNotice } from '../control-shell'
import { Figure, Figures } from '../figure'
import { authorizeOperatorPage } from '../operator'
import { tryRead } from '../try-read'
import { DeadJobs, RetryAll } from './retry-form'

export const metadata: Metadata = { title: 'Mirror · Control' }

type Props = { searchParams: Promise<SearchParams> }

export default async function MirrorPage({ searchParams }: Props) {
  const address = addressOfPage('/control/mirror', await searchParams)
  const isOperator = await authorizeOperatorPage(address)
  const mirror = isOperator ? await tryRead(readMirror) : null
  return (
    <ControlShell
      current="mirror"
      title="Mirror"
      refreshSeconds={3}
      lead="The mirror writes sign-ups and changes from Stytch to the legacy provider, so that a rollback locks nobody out."
    >
      {!mirror ? (
        <DatabaseUnavailableNotice />
      ) : mirror.status.on ? (
        <>
          <QueueCard status={mirror.status} />
          <DeadJobsCard jobs={mirror.dead} total={mirror.status.dead} />
        </>
      ) : (
        <MirrorOffCard />
      )}
    </ControlShell>
  )
}

async function readMirror(): Promise<{ status: MirrorStatus; dead: DeadJob[] }> {
  const [status, dead] = await Promise.all([mirrorStatus(), deadJobs()])
  return { status, dead }
}

function QueueCard({
  status: { pending, retrying, dead, oldestSeconds },
}: {
  status: MirrorStatus
}) {
  const isCaughtUp = pending + retrying + dead === 0
  return (
    <Card
      title="Queue"
      aside={
        isCaughtUp ? (
          <Badge tone="success">Caught up</Badge>
        ) : (
          <Badge tone={dead > 0 ? 'problem' : 'warn'}>
            {dead > 0 ? 'Action needed' : 'Working'}
          </Badge>
        )
      }
    >
      <Figures>
        <Figure name="New jobs">{pending}</Figure>
        <Figure name="Jobs to retry">{retrying}</Figure>
        <Figure name="Dead jobs">{dead}</Figure>
        <Figure name="Age of the oldest job">
          {oldestSeconds === null ? 'none' : formatAge(oldestSeconds)}
        </Figure>
      </Figures>
      <RetryAll waiting={retrying} />
    </Card>
  )
}

function formatAge(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}

const changeLabels: Record<DeadJob['change'], string> = {
  born: 'Sign-up',
  proved: 'Verified email address',
  changed: 'Change of name or email address',
  password: 'New password',
  deleted: 'Deleted user',
  member_joined: 'New member',
  member_changed: 'Change of a member',
  member_removed: 'Removed member',
}

const adviceByReason: Record<string, string> = {
  address_taken:
    'Another user at the legacy provider has this email address. Find that user there, then retry.',
  address_missing:
    'The Stytch user has no email address, and the legacy provider needs one. Add it at Stytch, then retry.',
  address_unproved:
    'The user has not confirmed the current email address at Stytch. The job can run after that.',
  account_conflict:
    'The user at the legacy provider belongs to another account of this app. Find that account, then retry.',
  worker_lost: 'The server stopped during every attempt. Retry the job.',
}

const adviceFor = (reason: string): string =>
  adviceByReason[reason] ??
  (reason.startsWith('legacy_')
    ? 'The legacy provider refused the request or did not answer. Check its logs, then retry.'
    : reason.startsWith('stytch_')
      ? 'Stytch refused the request or did not answer. Check its logs, then retry.'
      : 'This app failed. Check its logs, then retry.')

function DeadJobsCard({ jobs, total }: { jobs: DeadJob[]; total: number }) {
  return (
    <Card title="Dead jobs">
      <DeadJobs
        jobs={jobs.map(({ id, accountId, subject, organization, change, reason, diedAt }) => ({
          id,
          accountId,
          subject,
          reason,
          label: organization ? `${changeLabels[change]} of ${organization}` : changeLabels[change],
          advice: adviceFor(reason),
          died: formatTimestamp(diedAt),
          diedAt: diedAt.toISOString(),
        }))}
      />
      {total > jobs.length && (
        <p className="mt-4 text-quiet text-sm">
          Latest {jobs.length} of {total.toLocaleString('en')} dead jobs.
        </p>
      )}
    </Card>
  )
}

const MirrorOffCard = () => (
  <Card title="The mirror is off" aside={<Badge>Off</Badge>}>
    <div className="grid max-w-[62ch] gap-3 text-sm">
      <p>
        The app writes nothing to the legacy provider. After a rollback, users who signed up at
        Stytch stay signed in, but cannot sign in again at the legacy provider.
      </p>
      <p>Switch the mirror on before the first user signs up at Stytch:</p>
      <ol className="grid list-decimal gap-1.5 pl-5 marker:text-quiet">
        <li>
          Create a machine-to-machine application at Auth0 for the Management API, with the
          permissions <Code>read:users</Code>, <Code>create:users</Code>, <Code>update:users</Code>{' '}
          and <Code>delete:users</Code>.
        </li>
        <li>
          Set <Code>AUTH0_MANAGEMENT_CLIENT_ID</Code> and{' '}
          <Code>AUTH0_MANAGEMENT_CLIENT_SECRET</Code>, and <Code>AUTH0_MANAGEMENT_DOMAIN</Code> if
          the tenant has a custom domain.
        </li>
        <li>
          Restart the app. On serverless hosting, call <Code>/api/cron/mirror</Code> every minute,
          with <Code>CRON_SECRET</Code>.
        </li>
      </ol>
    </div>
  </Card>
)
