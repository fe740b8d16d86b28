import { Badge, LaneBadge } from '@/app/_ui/badge'
import { EmptyState } from '@/app/_ui/empty-state'
import { Timestamp } from '@/app/_ui/timestamp'
import type { CutoverEvent } from '@/lib/cutover/events/event'

export const eventKinds: Record<CutoverEvent['kind'], string> = {
  migration: 'Migration',
  sign_in: 'Sign-in',
  sign_out: 'Sign-out',
  refresh: 'Refresh',
  policy: 'Policy',
  mirror: 'Mirror',
  deprovision: 'Deprovisioning',
}

const badgeTone = (result: string) =>
  result === 'failed' || result === 'dead'
    ? 'problem'
    : result === 'refused'
      ? 'warn'
      : result === 'migrated'
        ? 'success'
        : 'neutral'

const head = 'px-3 py-2 text-left font-medium text-quiet whitespace-nowrap first:pl-0 last:pr-0'
const cell = 'px-3 py-2 align-top first:pl-0 last:pr-0'

type Props = {
  events: (CutoverEvent & { id: number })[]
  /** The filter of the list, if one is set. */
  kind?: CutoverEvent['kind']
}

/** The latest events, newest first. The table is wider than a phone, so it scrolls horizontally. */
export function EventsTable({ events, kind }: Props) {
  if (events.length === 0) {
    return (
      <EmptyState title={kind ? 'No events of this kind yet' : 'No events yet'}>
        {kind
          ? 'Choose another kind to see other events.'
          : 'Sign-ins, migrations and policy changes appear here.'}
      </EmptyState>
    )
  }
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll it
      tabIndex={0}
      aria-label="Table of the latest events"
      className="relative overflow-x-auto rounded-sm"
    >
      <table className="w-full min-w-5xl border-collapse text-xs">
        <caption className="pb-2 text-left text-quiet">
          Latest {events.length} events, newest first. Events never contain tokens.
        </caption>
        <thead>
          <tr className="border-line border-b">
            {['Time', 'Event', 'User', 'Lane afterwards', 'Result', 'Reason'].map((name) => (
              <th key={name} scope="col" className={head}>
                {name}
              </th>
            ))}
            <th scope="col" className={`${head} whitespace-normal! text-right!`}>
              Duration (ms)
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {events.map((event) => (
            <tr key={event.id}>
              <td className={`${cell} whitespace-nowrap`}>
                <Timestamp at={event.at} />
              </td>
              <td className={cell}>{eventKinds[event.kind]}</td>
              <td className={cell}>
                <User event={event} />
              </td>
              <td className={cell}>
                {event.accountId || (event.subject && event.kind !== 'policy') ? (
                  <LaneBadge lane={event.lane} />
                ) : (
                  <EmptyCell />
                )}
              </td>
              <td className={cell}>
                <Badge tone={badgeTone(event.result)}>{event.result}</Badge>
              </td>
              <td className={`${cell} font-mono`}>{event.reason}</td>
              <td className={`${cell} text-right`}>{event.milliseconds}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function User({ event: { accountId, subject } }: { event: CutoverEvent }) {
  if (!accountId && !subject) return <EmptyCell />
  return (
    <span className="block whitespace-nowrap font-mono">
      {accountId && <span className="block">{accountId}</span>}
      {subject && <span className="block text-quiet">{subject}</span>}
    </span>
  )
}

const EmptyCell = () => (
  <span className="text-quiet">
    <span aria-hidden="true">–</span>
    <span className="sr-only">none</span>
  </span>
)
