const format = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})

/** Formats a time in UTC, because the server does not know the user's time zone. */
export const formatTimestamp = (at: Date): string => `${format.format(at)} UTC`

export function Timestamp({ at }: { at: Date }) {
  return <time dateTime={at.toISOString()}>{formatTimestamp(at)}</time>
}
