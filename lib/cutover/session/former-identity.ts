import type { Identity } from '../../account/account'
import { legacyConfig } from '../../legacy/config'

/** The legacy identity behind a Stytch `external_id`, which is the legacy subject. */
export const formerIdentity = (externalId: string): Identity => ({
  issuer: legacyConfig().issuer,
  subject: externalId,
})
