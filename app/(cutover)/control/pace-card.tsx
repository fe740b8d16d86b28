import { Badge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import type { MigrationPace } from '@/lib/cutover/observability/migration-pace'
import { pluralize } from '@/lib/cutover/policy/describe'
import { legacyName } from '@/lib/legacy/config'
import { Figure, Figures } from './figure'

/** How fast sessions are migrated, and how many users wait or are kept back. */
export function PaceCard({ pace, isCarrying }: { pace: MigrationPace; isCarrying: boolean }) {
  const keptBack = pace.keptBackForMfa.toLocaleString('en')
  if (!isCarrying) {
    return (
      <Card title="Second factors">
        <Figures>
          <Figure name="Users kept on the legacy login">{keptBack}</Figure>
        </Figures>
        <p className="mt-4 max-w-[68ch] text-quiet text-sm">
          These users have a second factor at {legacyName()}. A code from a mail alone opens no
          account of theirs, so they sign in at {legacyName()}. The policy can allow it.
        </p>
      </Card>
    )
  }
  const { limitPerSecond, migratedLastMinute, heldBackLastMinute } = pace
  return (
    <Card
      title="Migration pace"
      aside={heldBackLastMinute > 0 && <Badge tone="warn">At the limit</Badge>}
    >
      <Figures>
        <Figure name="Migrated in the last minute">
          {migratedLastMinute.toLocaleString('en')}
        </Figure>
        <Figure name="Held back in the last minute">
          {heldBackLastMinute.toLocaleString('en')}
        </Figure>
        <Figure name="Time left, estimated">{timeLeft(pace)}</Figure>
        <Figure name="Users kept back for MFA">{keptBack}</Figure>
      </Figures>
      <p className="mt-4 max-w-[68ch] text-quiet text-sm">
        All servers together start at most {pluralize(limitPerSecond, 'migration')} a second
        (MIGRATIONS_PER_SECOND). Users above the limit stay on the legacy lane and notice nothing.
        The time is for the legacy sessions of the last hour, at the pace of the last minute.
      </p>
    </Card>
  )
}

function timeLeft({ secondsLeft }: MigrationPace): string {
  if (secondsLeft === null) return 'unknown'
  if (secondsLeft === 0) return 'none'
  if (secondsLeft < 60) return `${secondsLeft} s`
  if (secondsLeft < 2 * 3_600) return `${Math.ceil(secondsLeft / 60)} min`
  return `${Math.ceil(secondsLeft / 3_600)} h`
}
