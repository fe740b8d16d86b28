import { Badge, LaneBadge } from '@/app/_ui/badge'
import { EmptyState } from '@/app/_ui/empty-state'
import { Moment } from '@/app/_ui/moment'
import type { CutoverEvent } from '@/lib/cutover/events/event'

export const eventKinds: Record<CutoverEvent['kind'], string> = {
  migration: 'Migration',
  sign_in: 'Sign-in',
  sign_out: 'Sign-out',
  refresh: 'Refresh',
  policy: 'Policy',
  mirror: 'Mirror',
}

const tone = (result: string) =>
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
  /** The only kind that is shown, if it is one. */
  kind?: CutoverEvent['kind']
}

/** The latest events, newest first. Wider than a phone, so it scrolls by itself. */
export function EventsTable({ events, kind }: Props) {
  if (events.length === 0) {
    return (
      <EmptyState title={kind ? 'No events of this kind yet' : 'No events yet'}>
        {kind
          ? 'There may be some of another kind.'
          : 'Sign-ins, migrations and changes of the policy will be listed here.'}
      </EmptyState>
    )
  }
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="Table of the latest events"
      className="relative overflow-x-auto rounded-sm"
    >
      <table className="w-full min-w-5xl border-collapse text-xs">
        <caption className="pb-2 text-left text-quiet">
          The latest {events.length}, newest first. No event holds a token.
        </caption>
        <thead>
          <tr className="border-line border-b">
            {['When', 'What', 'Who', 'Lane afterwards', 'Result', 'Reason'].map((name) => (
              <th key={name} scope="col" className={head}>
                {name}
              </th>
            ))}
            <th scope="col" className={`${head} text-right!`}>
              ms
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {events.map((event) => (
            <tr key={event.id}>
              <td className={`${cell} whitespace-nowrap`}>
                <Moment at={event.at} />
              </td>
              <td className={cell}>{eventKinds[event.kind]}</td>
              <td className={cell}>
                <Who event={event} />
              </td>
              <td className={cell}>
                {event.accountId || (event.subject && event.kind !== 'policy') ? (
                  <LaneBadge lane={event.lane} />
                ) : (
                  <None />
                )}
              </td>
              <td className={cell}>
                <Badge tone={tone(event.result)}>{event.result}</Badge>
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

function Who({ event: { accountId, subject } }: { event: CutoverEvent }) {
  if (!accountId && !subject) return <None />
  return (
    <span className="block whitespace-nowrap font-mono">
      {accountId && <span className="block">{accountId}</span>}
      {subject && <span className="block text-quiet">{subject}</span>}
    </span>
  )
}

const None = () => (
  <span className="text-quiet">
    <span aria-hidden="true">–</span>
    <span className="sr-only">none</span>
  </span>
)
