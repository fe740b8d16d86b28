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
  forward: 'Forward write',
  deprovision: 'Deprovisioning',
  backfill: 'Backfill',
}

/** The event of an operator has the name of its author, who is on no lane. */
const isOfOperator = ({ kind }: CutoverEvent) => kind === 'policy' || kind === 'backfill'

const badgeTone = (result: string) =>
  result === 'failed' || result === 'dead'
    ? 'problem'
    : result === 'refused'
      ? 'warn'
      : result === 'migrated'
        ? 'success'
        : 'neutral'

const head =
  'px-3 py-2 text-left align-bottom font-medium text-quiet whitespace-nowrap first:pl-0 last:pr-0'
/** Below the breakpoint `lg` each row is a list, and `data-label` names each value. */
const cell =
  'max-lg:grid max-lg:grid-cols-[6.5rem_minmax(0,1fr)] max-lg:items-start max-lg:justify-items-start max-lg:gap-x-3 max-lg:py-0.5 max-lg:before:font-sans max-lg:before:text-quiet max-lg:before:content-[attr(data-label)] lg:px-3 lg:py-2 lg:align-top lg:first:pl-0 lg:last:pr-0'

type Props = {
  events: (CutoverEvent & { id: number })[]
  /** The filter of the list, if one is set. */
  kind?: CutoverEvent['kind']
}

/** The latest events, newest first: a table, and on narrow screens a list. Ids and reasons wrap. */
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
    <section aria-label="Table of the latest events">
      <table className="w-full border-collapse text-xs max-lg:block">
        <caption className="pb-2 text-left text-quiet max-lg:block">
          Latest {events.length} events, newest first. Events never contain tokens.
        </caption>
        <thead className="max-lg:sr-only">
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
        <tbody className="divide-y divide-line max-lg:block">
          {events.map((event) => (
            <tr key={event.id} className="max-lg:block max-lg:py-3">
              <td data-label="Time" className={`${cell} whitespace-nowrap`}>
                <Timestamp at={event.at} />
              </td>
              <td data-label="Event" className={cell}>
                {eventKinds[event.kind]}
              </td>
              <td data-label="User" className={cell}>
                <User event={event} />
              </td>
              <td data-label="Lane" className={cell}>
                {event.accountId || (event.subject && !isOfOperator(event)) ? (
                  <LaneBadge lane={event.lane} />
                ) : (
                  <EmptyCell />
                )}
              </td>
              <td data-label="Result" className={cell}>
                <Badge tone={badgeTone(event.result)}>{event.result}</Badge>
              </td>
              <td data-label="Reason" className={`${cell} font-mono [overflow-wrap:anywhere]`}>
                {event.reason}
              </td>
              <td data-label="Duration (ms)" className={`${cell} lg:text-right`}>
                {event.milliseconds}
              </td>
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
    <span className="block font-mono [overflow-wrap:anywhere]">
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
