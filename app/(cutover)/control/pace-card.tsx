import type { ReactNode } from 'react'
import { Badge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import type { MigrationPace } from '@/lib/cutover/observability/migration-pace'
import { pluralize } from '@/lib/cutover/policy/describe'

/** How fast sessions are migrated, and how many users wait or are kept back. */
export function PaceCard({ pace }: { pace: MigrationPace }) {
  const { limitPerSecond, migratedLastMinute, heldBackLastMinute, keptBackForMfa } = pace
  return (
    <Card
      title="Migration pace"
      aside={heldBackLastMinute > 0 && <Badge tone="warn">At the limit</Badge>}
    >
      <dl className="grid grid-cols-2 gap-x-8 gap-y-4 text-sm lg:grid-cols-4">
        <Fact name="Migrated in the last minute">{migratedLastMinute.toLocaleString('en')}</Fact>
        <Fact name="Held back in the last minute">{heldBackLastMinute.toLocaleString('en')}</Fact>
        <Fact name="Time left, estimated">{timeLeft(pace)}</Fact>
        <Fact name="Users kept back for MFA">{keptBackForMfa.toLocaleString('en')}</Fact>
      </dl>
      <p className="mt-4 max-w-[68ch] text-quiet text-sm">
        All servers together start at most {pluralize(limitPerSecond, 'migration')} a second
        (MIGRATIONS_PER_SECOND). Users above the limit stay on the legacy lane and notice nothing.
        The time is for the legacy sessions of the last hour, at the pace of the last minute.
      </p>
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

function timeLeft({ secondsLeft }: MigrationPace): string {
  if (secondsLeft === null) return 'unknown'
  if (secondsLeft === 0) return 'none'
  if (secondsLeft < 60) return `${secondsLeft} s`
  if (secondsLeft < 2 * 3_600) return `${Math.ceil(secondsLeft / 60)} min`
  return `${Math.ceil(secondsLeft / 3_600)} h`
}
