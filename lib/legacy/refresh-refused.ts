/** The legacy provider issues no new access token. The legacy session stays as it is until it expires. */
export class RefreshRefused extends Error {
  readonly code: 'refresh_token_missing' | 'refresh_token_refused'
  constructor(code: RefreshRefused['code']) {
    super(`The legacy access token has expired and could not be refreshed: ${code}.`)
    this.name = 'RefreshRefused'
    this.code = code
  }
}
