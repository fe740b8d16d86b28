/** How long the app waits for an answer of the database. In milliseconds. */
export const queryMilliseconds = 3_000

/**
 * How long the server works on one statement, in milliseconds. It is shorter than the app's own timeout, so that the
 * server does not write after the app has reported a failure. PgBouncer refuses it as a setting of the connection, so
 * it is a setting of the role.
 */
export const statementMilliseconds = 2_500

/** How long a transaction may wait for its next statement, since a frozen process sends none. In milliseconds. */
export const idleTransactionMilliseconds = 10_000

/** Whether the server stops a statement before the app's own timeout. A `statement_timeout` of 0 means none. */
export const isBounded = (statementTimeout: number): boolean =>
  statementTimeout > 0 && statementTimeout < queryMilliseconds
