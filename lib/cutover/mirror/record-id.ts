import type { Account } from '../../account/account'

/** The id of the record that the mirror makes for an account whose address is proved; so it cannot make two. */
export const provedId = ({ id }: Pick<Account, 'id'>): string => id

/** Of an account whose address nobody has proved: the record does not outlive the proof, see `leaveBehind`. */
export const unprovedId = ({ id }: Pick<Account, 'id'>): string => `unproved-${id}`
