/** At most `points` events of one key in a window of `seconds`. The window begins with its first event. */
export type Limit = { name: string; points: number; seconds: number }

const minutes = 60
const hours = 60 * minutes

/**
 * The rate limits of the app. No setting switches them off. docs/limits.md explains the numbers.
 *
 * Limits by email address have short windows, because an attacker can use them up to lock the owner out. Limits by
 * network are higher, because an office shares one address.
 */
export const limits = {
  /** Wrong codes. A right code resets the count of its address. */
  codeByAddress: { name: 'code', points: 5, seconds: 5 * minutes },
  codeByNetwork: { name: 'code-network', points: 30, seconds: 5 * minutes },
  /** Wrong passwords. They have their own count, so that a locked password leaves the code open. */
  passwordByAddress: { name: 'password', points: 10, seconds: 5 * minutes },
  passwordByNetwork: { name: 'password-network', points: 50, seconds: 5 * minutes },
  /** Wrong tokens of links, of OAuth redirects and of the pre-built UI. A token names no address. */
  tokenByNetwork: { name: 'token-network', points: 50, seconds: 5 * minutes },
  signUpByAddress: { name: 'sign-up', points: 5, seconds: 10 * minutes },
  signUpByNetwork: { name: 'sign-up-network', points: 20, seconds: hours },
  /** Codes, links and password resets together, because they fill the same inbox. */
  mailByAddress: { name: 'mail', points: 5, seconds: 10 * minutes },
  mailByNetwork: { name: 'mail-network', points: 50, seconds: hours },
  /** Twenty tabs that open at once make twenty of them, and the claim turns them into one migration. */
  migrateBySubject: { name: 'migrate', points: 60, seconds: minutes },
  /** Switches to another team. Each opens a session at Stytch and ends one. */
  switchByMember: { name: 'switch', points: 30, seconds: minutes },
  noteByAccount: { name: 'note', points: 30, seconds: minutes },
} as const satisfies Record<string, Limit>
