import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { Badge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import { Code } from '@/app/_ui/code'
import { written } from '@/app/_ui/moment'
import { addressOfPage, type Search } from '@/app/_ui/search'
import {
  type DeadJob,
  deadJobs,
  type MirrorStatus,
  mirrorStatus,
} from '@/lib/cutover/mirror/status'
import { ControlShell, DatabaseAway } from '../control-shell'
import { operatorIsLooking } from '../operator'
import { unlessAway } from '../unless-away'
import { DeadJobs, RetryAll } from './retry-form'

export const metadata: Metadata = { title: 'Mirror · Control' }

type Props = { searchParams: Promise<Search> }

export default async function MirrorPage({ searchParams }: Props) {
  const address = addressOfPage('/control/mirror', await searchParams)
  const isOperator = await operatorIsLooking(address)
  const shown = isOperator ? await unlessAway(read) : null
  return (
    <ControlShell
      current="mirror"
      title="Mirror"
      live={3}
      lead="Whoever signs up or changes something at Stytch is written to the legacy provider too, so that a rollback locks nobody out."
    >
      {!shown ? (
        <DatabaseAway />
      ) : shown.status.on ? (
        <>
          <State status={shown.status} />
          <GivenUp jobs={shown.dead} total={shown.status.dead} />
        </>
      ) : (
        <Off />
      )}
    </ControlShell>
  )
}

async function read(): Promise<{ status: MirrorStatus; dead: DeadJob[] }> {
  const [status, dead] = await Promise.all([mirrorStatus(), deadJobs()])
  return { status, dead }
}

function State({ status: { pending, retrying, dead, oldestSeconds } }: { status: MirrorStatus }) {
  const isCaughtUp = pending + retrying + dead === 0
  return (
    <Card
      title="The queue"
      aside={
        isCaughtUp ? (
          <Badge tone="success">Caught up</Badge>
        ) : (
          <Badge tone={dead > 0 ? 'problem' : 'warn'}>
            {dead > 0 ? 'Look at these' : 'Working'}
          </Badge>
        )
      }
    >
      <dl className="grid grid-cols-2 gap-x-8 gap-y-4 text-sm lg:grid-cols-4">
        <Fact name="Not tried yet">{pending}</Fact>
        <Fact name="Failed, to be tried again">{retrying}</Fact>
        <Fact name="Given up">{dead}</Fact>
        <Fact name="Oldest that is not done">
          {oldestSeconds === null ? 'none' : age(oldestSeconds)}
        </Fact>
      </dl>
      <RetryAll waiting={retrying} />
    </Card>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col justify-between">
      <dt className="text-quiet">{name}</dt>
      <dd className="mt-0.5 font-medium text-xl">{children}</dd>
    </div>
  )
}

function age(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}

const whats: Record<DeadJob['change'], string> = {
  born: 'Somebody who signed up',
  proved: 'Somebody who proved their address',
  changed: 'A change of name or address',
  password: 'A new password',
  deleted: 'Somebody who was deleted',
}

const advices: Record<string, string> = {
  address_taken:
    'A record with this address is at the legacy provider already, and is not theirs. See there whose it is, before you try again.',
  address_missing:
    'The Stytch user has no address by which a record could be made. Give them one at Stytch.',
  account_conflict:
    'The record belongs to another account here. Find out whose it is, before you try again.',
  worker_lost: 'The server went away in every attempt. Trying again is enough.',
}

const advice = (reason: string): string =>
  advices[reason] ??
  (reason.startsWith('legacy_')
    ? 'The legacy provider refused it, or did not answer. See its logs, then try again.'
    : reason.startsWith('stytch_')
      ? 'Stytch refused the question, or did not answer. See its logs, then try again.'
      : 'Something broke on our side. See the logs of this app, then try again.')

function GivenUp({ jobs, total }: { jobs: DeadJob[]; total: number }) {
  return (
    <Card title="Jobs that were given up">
      <DeadJobs
        jobs={jobs.map(({ id, accountId, userId, change, reason, diedAt }) => ({
          id,
          accountId,
          userId,
          reason,
          what: whats[change],
          advice: advice(reason),
          died: written(diedAt),
          diedAt: diedAt.toISOString(),
        }))}
      />
      {total > jobs.length && (
        <p className="mt-4 text-quiet text-sm">
          These are the latest {jobs.length} of {total.toLocaleString('en')}.
        </p>
      )}
    </Card>
  )
}

const Off = () => (
  <Card title="The mirror is off" aside={<Badge>Off</Badge>}>
    <div className="grid max-w-[62ch] gap-3 text-sm">
      <p>
        Nothing is written to the legacy provider. Whoever signs up at Stytch stays signed in
        through a rollback, but cannot sign in anew at the legacy provider.
      </p>
      <p>To switch it on, before the first people sign up at Stytch:</p>
      <ol className="grid list-decimal gap-1.5 pl-5 marker:text-quiet">
        <li>
          Make a machine-to-machine application at Auth0 that may use the Management API, with the
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
