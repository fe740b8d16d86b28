/**
 * Whether two `typ` headers name one media type. A type without a slash is short for one with the prefix
 * `application/` (RFC 7515 section 4.1.9). Case does not count (RFC 2045 section 5.1).
 */
export const isSameMediaType = (one: string, other: string): boolean =>
  fullName(one) === fullName(other)

function fullName(type: string): string {
  const name = type.toLowerCase()
  return name.includes('/') ? name : `application/${name}`
}
