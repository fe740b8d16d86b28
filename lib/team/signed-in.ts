import 'server-only'
import type { Account } from '../account/account'
import { isRefused } from '../account/refused'
import { errorText } from '../error-text'
import type { TeamReading } from './seam'

/** The member of this browser, whichever team the page is about. It opens no data of a team. */
export type SignedInMember = {
  lane: 'stytch' | 'legacy'
  /** The slug of the team that the session is for, if it is known. */
  slug: string | null
  /** Null while the account cannot be looked up. */
  account: Account | null
}

/** Who is signed in to some team, on a page that needs no session. Null also for a session that opens no account. */
export async function signedInMember({
  session,
  account,
}: Pick<TeamReading, 'session' | 'account'>): Promise<SignedInMember | null> {
  if (!session?.isFirstParty) return null
  const { lane, organizationSlug: slug } = session
  try {
    return { lane, slug, account: await account() }
  } catch (error) {
    if (isRefused(error)) return null
    console.error(`team: the account could not be read: ${errorText(error)}`)
    return { lane, slug, account: null }
  }
}
