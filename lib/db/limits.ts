/** How long the app waits for an answer of the database. In milliseconds. */
export const queryMilliseconds = 3_000

/**
 * How long the server works on one statement. Shorter, because a write that the app gave up must not
 * be made after all. A setting of the role and not of the connection: PgBouncer refuses the latter.
 */
export const statementMilliseconds = 2_500

/** How long the server lets a transaction wait for its next statement, such as one of a frozen process. */
export const idleTransactionMilliseconds = 10_000

/** Whether a server with this `statement_timeout` has stopped by the time that the app gives up. 0 is none. */
export const isBounded = (statementTimeout: number): boolean =>
  statementTimeout > 0 && statementTimeout < queryMilliseconds
