/**
 * The provider no longer has the user of a session, or has blocked them. The session is over, though its token has
 * not expired. Everything else that stops a look-up is a failure, which a later attempt may not meet.
 */
export class UserDeleted extends Error {
  readonly code = 'user_deleted'
  constructor() {
    super('The user was deleted or blocked at the login provider.')
    this.name = 'UserDeleted'
  }
}
