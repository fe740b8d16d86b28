/** The last second of the year 9999. RFC 3339 and Postgres cannot write later dates as JavaScript does. */
const lastSecond = 253_402_300_799

/**
 * Whether a claim is a time that the app can use: a number of seconds between 1970 and 9999, with or without a
 * fraction (RFC 7519 section 2). JSON can hold larger numbers, which make a `Date` that compares with nothing.
 */
export const isNumericDate = (claim: unknown): claim is number =>
  typeof claim === 'number' && claim >= 0 && claim <= lastSecond

/**
 * Whether a claim is a subject that the database can store.
 * Postgres refuses NUL, and the driver writes every lone surrogate as U+FFFD: two subjects would become one.
 */
export const isSubject = (claim: unknown): claim is string =>
  typeof claim === 'string' && claim !== '' && !claim.includes('\0') && claim.isWellFormed()
