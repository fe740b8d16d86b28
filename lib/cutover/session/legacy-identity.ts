import type { Identity } from '../../account/account'
import { legacyConfig } from '../../legacy/config'

/** The legacy identity of an imported user: the Stytch `external_id` is the legacy subject. */
export const legacyIdentity = (externalId: string): Identity => ({
  issuer: legacyConfig().issuer,
  subject: externalId,
})
