/** What differs between the legacy provider and Stytch. The codes are stable, because scripts and docs name them. */
export const differenceCodes = [
  /** A plan wanted this user at Stytch, or would want them, and there is none. */
  'only_at_auth0',
  /** No user of the file belongs to this Stytch user, such as a new sign-up. */
  'only_at_stytch',
  'address_differs',
  'verified_differs',
  /** Blocked at the legacy provider, and not by this app. */
  'blocked_there_live_here',
  /** The Stytch user has the external id of one user, and the address or the account of another one. */
  'external_id_of_somebody_else',
  'two_users_for_one_subject',
  /** The Stytch user has the external id, and no account here. */
  'account_without_identity',
] as const

export type DifferenceCode = (typeof differenceCodes)[number]
export type DifferenceCounts = Partial<Record<DifferenceCode, number>>

/** These need nothing of the operator, and lock nobody out without the legacy provider. */
export const harmlessCodes: readonly DifferenceCode[] = ['only_at_stytch', 'verified_differs']

/**
 * The codes that `--fix` mends. The others need a proof or a decision: an address or a verification that only the
 * provider says may be an attacker's, and a user of two must not be deleted unseen.
 */
export const fixableCodes = [
  'only_at_auth0',
  'account_without_identity',
  'blocked_there_live_here',
] as const satisfies readonly DifferenceCode[]

export type FixableCode = (typeof fixableCodes)[number]

/** What is no difference, and is counted on its own. */
export const noteCodes = [
  /** Stytch can call the address of such a user verified only after the first code or link. */
  'unverified_without_password',
  /** The plan left the user of the file out, or would, and nobody at Stytch belongs to them. */
  'left_out',
] as const

export type NoteCode = (typeof noteCodes)[number]

/** A user of the file. An address is a keyed hash of it. */
export type SourceSide = {
  subject: string
  address: string | null
  isVerified: boolean
  isBlocked: boolean
  /** Whether this app refuses the user's sessions already. */
  isRefused: boolean
  /** Whether the plan left the user out, or would leave them out, so that nobody expects them at Stytch. */
  isLeftOut: boolean
}

/** A Stytch user who belongs to the subject, by external id or by the account. */
export type StytchSide = {
  stytchUserId: string
  addresses: { address: string; isVerified: boolean }[]
  hasPassword: boolean
  /** Whether the user has the subject as external id. */
  hasExternalId: boolean
  /** The account of its identity, or null without one. */
  accountId: string | null
  /** Whether another user of the file has one of its addresses. */
  hasAddressOfAnother: boolean
}

/** A difference. Neither names a person to somebody without access to the providers. */
export type Difference = {
  code: DifferenceCode
  subject: string | null
  stytchUserId: string | null
}

/** The same for what is no difference. */
export type Note = Omit<Difference, 'code'> & { code: NoteCode }

export const isNote = (found: Difference | Note): found is Note =>
  noteCodes.some((code) => code === found.code)

/** The differences and notes of one subject. @param accountId of the legacy identity, or null without one */
export function differencesOf(
  source: SourceSide,
  users: StytchSide[],
  accountId: string | null,
): (Difference | Note)[] {
  const { subject, isLeftOut, isBlocked } = source
  const found = (code: DifferenceCode | NoteCode, stytchUserId: string | null = null) =>
    ({ code, subject, stytchUserId }) as Difference | Note
  if (users.length === 0) {
    if (isBlocked) return []
    return [found(isLeftOut ? 'left_out' : 'only_at_auth0')]
  }
  const ofSubject = users.length > 1 ? [found('two_users_for_one_subject')] : []
  return [
    ...ofSubject,
    ...users.flatMap((user) =>
      codesOf(source, user, accountId).map((code) => found(code, user.stytchUserId)),
    ),
  ]
}

function codesOf(
  { address, isVerified, isBlocked, isRefused }: SourceSide,
  user: StytchSide,
  accountId: string | null,
): (DifferenceCode | NoteCode)[] {
  const same = user.addresses.find((each) => each.address === address)
  const isOfAnotherAccount =
    user.accountId !== null && accountId !== null && user.accountId !== accountId
  if (user.hasExternalId && (isOfAnotherAccount || (!same && user.hasAddressOfAnother))) {
    return ['external_id_of_somebody_else']
  }
  const codes: (DifferenceCode | NoteCode)[] = []
  if (!same) codes.push('address_differs')
  else if (same.isVerified !== isVerified) {
    codes.push(isVerified && !user.hasPassword ? 'unverified_without_password' : 'verified_differs')
  }
  if (isBlocked && !isRefused) codes.push('blocked_there_live_here')
  if (user.accountId === null || accountId === null) codes.push('account_without_identity')
  return codes
}
