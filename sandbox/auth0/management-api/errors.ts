/** An error with the body and the words of Auth0's Management API. */
export class ManagementError extends Error {
  readonly status: number
  readonly body: object

  constructor(status: number, error: string, message: string, errorCode?: string) {
    super(message)
    this.status = status
    this.body = { statusCode: status, error, message, ...(errorCode && { errorCode }) }
  }
}

export const badRequest = (message: string, errorCode = 'invalid_body') =>
  new ManagementError(400, 'Bad Request', message, errorCode)

/** Auth0 sends no `errorCode` with this one. */
export const weakPassword = () =>
  new ManagementError(400, 'Bad Request', 'PasswordStrengthError: Password is too weak')

export const unauthorized = (message: string) =>
  new ManagementError(401, 'Unauthorized', message, 'invalid_token')

export const conflict = () =>
  new ManagementError(409, 'Conflict', 'The user already exists.', 'auth0_idp_error')

export const userNotFound = () =>
  new ManagementError(404, 'Not Found', 'The user does not exist.', 'inexistent_user')

export const organizationNotFound = () =>
  new ManagementError(
    404,
    'Not Found',
    'No organization found by that id or name.',
    'inexistent_organization',
  )

export const organizationConflict = () =>
  new ManagementError(
    409,
    'Conflict',
    'An organization with this name already exists.',
    'organization_conflict',
  )

export const roleNotFound = () =>
  new ManagementError(404, 'Not Found', 'The role does not exist.', 'inexistent_role')
