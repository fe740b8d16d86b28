/** A user's current profile at the legacy provider (OpenID Connect Core section 5.3). */
export type Userinfo = { subject: string; email: string; emailVerified: boolean; name: string }

/** The legacy provider refuses the token. */
export class UserinfoRefused extends Error {
  readonly code = 'userinfo_refused'
  /** Whether the user was deleted or blocked. False when the token may not read the profile (status 403). */
  readonly isUserGone: boolean
  constructor(status: number) {
    super(`The legacy provider refuses the access token: userinfo answers status ${status}.`)
    this.name = 'UserinfoRefused'
    this.isUserGone = status !== 403
  }
}
