/** The characters that Stytch allows in an `external_id`. https://stytch.com/docs/guides/migrations/external-ids */
const allowed = /^[A-Za-z0-9._|-]{1,128}$/

/**
 * The legacy subject as a Stytch `external_id`, or null when Stytch does not allow its characters.
 * Subjects of enterprise connections contain addresses: `samlp|acme|ada@acme.example`.
 */
export const externalIdOf = (legacySubject: string): string | null =>
  allowed.test(legacySubject) ? legacySubject : null
