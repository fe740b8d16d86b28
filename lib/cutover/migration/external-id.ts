/** What Stytch allows in an `external_id`. https://stytch.com/docs/guides/migrations/external-ids */
const allowed = /^[A-Za-z0-9._|-]{1,128}$/

/**
 * The legacy subject as Stytch's `external_id`, or null where its characters do not allow it
 * (enterprise connections put addresses into subjects: `samlp|acme|ada@acme.example`).
 */
export const externalIdOf = (legacySubject: string): string | null =>
  allowed.test(legacySubject) ? legacySubject : null
