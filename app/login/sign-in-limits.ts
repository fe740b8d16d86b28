import 'server-only'
import { headers } from 'next/headers'
import { type Counted, countEvent, countWrongGuesses } from '@/lib/rate-limit/count'
import { limits } from '@/lib/rate-limit/limits'
import { mailboxOf } from '@/lib/rate-limit/mailbox'
import { clientAddress, clientNetwork } from '@/lib/request/client-address'
import { StytchRefusal } from '@/lib/stytch/client'

/** The rate limits of the sign-in. Each function throws `RateLimited`, which `signInProblem` turns into a message. */

const network = async (): Promise<string | null> => clientNetwork(clientAddress(await headers()))

/** Only a refusal is a wrong guess. While Stytch does not answer, nobody has guessed anything. */
const isWrongGuess = (error: unknown): boolean => error instanceof StytchRefusal

const counted = async <T>(
  byNetwork: Counted[0],
  address: Counted | null,
  attempt: () => Promise<T>,
): Promise<T> =>
  countWrongGuesses({ network: [byNetwork, await network()], address, isWrongGuess, attempt })

/** Tries a code, unless there were too many wrong ones. */
export const tryCode = <T>(email: string, attempt: () => Promise<T>): Promise<T> =>
  counted(limits.codeByNetwork, [limits.codeByAddress, email], attempt)

/** Tries a password, unless there were too many wrong ones. */
export const tryPassword = <T>(email: string, attempt: () => Promise<T>): Promise<T> =>
  counted(limits.passwordByNetwork, [limits.passwordByAddress, email], attempt)

/** Tries the token of a link, an OAuth redirect or a session, unless there were too many wrong ones. */
export const tryToken = <T>(attempt: () => Promise<T>): Promise<T> =>
  counted(limits.tokenByNetwork, null, attempt)

export const countSignUp = async (email: string): Promise<void> =>
  countEvent([limits.signUpByNetwork, await network()], [limits.signUpByAddress, mailboxOf(email)])

/** Counts an email, before it is sent. */
export const countMail = async (email: string): Promise<void> =>
  countEvent([limits.mailByNetwork, await network()], [limits.mailByAddress, mailboxOf(email)])
