/**
 * The provider has deleted or blocked the user of a session. The session has ended, though its token has not
 * expired. Every other error of a look-up is a failure, and the caller may retry.
 */
export class UserDeleted extends Error {
  readonly code = 'user_deleted'
  constructor() {
    super('The user was deleted or blocked at the login provider.')
    this.name = 'UserDeleted'
  }
}
