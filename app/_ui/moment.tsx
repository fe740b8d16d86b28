const format = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})

/** In UTC: the server does not know where the reader is, and a script to find out is not worth it. */
export const written = (at: Date): string => `${format.format(at)} UTC`

/** A point in time. */
export function Moment({ at }: { at: Date }) {
  return <time dateTime={at.toISOString()}>{written(at)}</time>
}
