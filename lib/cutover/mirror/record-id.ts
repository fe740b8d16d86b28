import type { Account } from '../../account/account'

/**
 * The id of the legacy record that the mirror creates for an account with a verified address.
 * It is the account id, so that the legacy provider refuses a second record.
 */
export const verifiedRecordId = ({ id }: Pick<Account, 'id'>): string => id

/**
 * The same for an account with an unverified address. A stranger may have created it, and would know the password of
 * the record. So the mirror deletes this record once the address is verified.
 */
export const unverifiedRecordId = ({ id }: Pick<Account, 'id'>): string => `unproved-${id}`
