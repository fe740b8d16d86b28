import type { Account } from '../../account/account'

/**
 * The id of the legacy record that the mirror creates for an account with a verified address.
 * It is the account id, so that the legacy provider refuses a second record.
 */
export const verifiedRecordId = ({ id }: Pick<Account, 'id'>): string => id

/**
 * The same for an account whose address is not verified. The mirror deletes this record once the address is
 * verified: a stranger may have created the account, and knows the password of the record.
 */
export const unverifiedRecordId = ({ id }: Pick<Account, 'id'>): string => `unproved-${id}`
