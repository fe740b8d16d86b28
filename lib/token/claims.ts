/** The last second of the year 9999. RFC 3339 has no later dates, and Postgres writes them in another format. */
const lastSecond = 253_402_300_799

/**
 * Whether a claim is a time that the app can use. It must be a number of seconds between 1970 and 9999, and may have
 * a fraction (RFC 7519 section 2). A larger number makes an invalid `Date`, and every comparison with it is false.
 */
export const isNumericDate = (claim: unknown): claim is number =>
  typeof claim === 'number' && claim >= 0 && claim <= lastSecond

/**
 * Whether a claim is a subject that the database can store.
 * Postgres refuses NUL. The driver writes every lone surrogate as U+FFFD, so two subjects could become one.
 */
export const isSubject = (claim: unknown): claim is string =>
  typeof claim === 'string' && claim !== '' && !claim.includes('\0') && claim.isWellFormed()
