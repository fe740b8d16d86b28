/** What a job of the mirror did. */
export type SyncResult = {
  result:
    | 'created'
    | 'linked'
    | 'updated'
    | 'unchanged'
    | 'deleted'
    | 'blocked'
    | 'removed'
    | 'gone'
  /** The legacy subject. */
  subject: string | null
  /** `same`: the record has the password of Stytch. `mailed`: the user got a set-password mail. */
  password: 'same' | 'mailed' | 'untouched'
}
