/**
 * The value of `WWW-Authenticate` for a request without a session (RFC 6750 section 3).
 * @param code why the credentials were refused; null when there were none
 */
export const bearerChallenge = (code: string | null): string =>
  code === null
    ? 'Bearer realm="cutover"'
    : `Bearer realm="cutover", error="invalid_token", error_description="${code}"`
