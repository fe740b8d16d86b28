'use server'

import type { FormState } from '@/app/form-state'
import { tryToken } from '@/app/login/sign-in-limits'
import { config } from '@/lib/config'
import { StytchRefusal } from '@/lib/stytch/client'
import { discoverWithLink } from '@/lib/team/stytch/discovery'
import { signInWithMagicLink } from '@/lib/team/stytch/sign-in'
import { completeTeamSignIn } from '../login/complete-team-sign-in'
import { continueDiscovery } from '../login/continue-discovery'
import { readPendingTeamSignIn } from '../login/pending-team-sign-in'
import { teamSignInProblem } from '../login/team-sign-in-problem'

/** Limits the length. Tokens of Stytch's links have 44 characters. */
const tokenOf = (data: FormData): string => String(data.get('token') ?? '').slice(0, 512)

/** Signs in with the token of a link or of an invitation to one team. */
export async function completeTeamLink(_: FormState, data: FormData): Promise<FormState> {
  const { sessionDurationMinutes } = config()
  return withVerifier(async (verifier, returnTo) => {
    const result = await tryToken(() =>
      orWithoutVerifier(verifier, (each) =>
        signInWithMagicLink(tokenOf(data), each, sessionDurationMinutes),
      ),
    )
    return completeTeamSignIn(result, 'magic_link', returnTo)
  })
}

/** Finds the teams of a person with the token of a link. */
export async function completeDiscoveryLink(_: FormState, data: FormData): Promise<FormState> {
  return withVerifier(async (verifier, returnTo) => {
    const found = await tryToken(() =>
      orWithoutVerifier(verifier, (each) => discoverWithLink(tokenOf(data), each)),
    )
    return continueDiscovery(found, 'magic_link', returnTo)
  })
}

async function withVerifier(
  complete: (verifier: string | null, returnTo: string) => Promise<never>,
): Promise<FormState> {
  const pending = await readPendingTeamSignIn()
  try {
    return await complete(pending?.codeVerifier ?? null, pending?.returnTo ?? '/team')
  } catch (error) {
    return teamSignInProblem(error)
  }
}

/** The verifier may belong to another link. An invitation was requested without PKCE. */
const orWithoutVerifier = <T>(
  verifier: string | null,
  authenticate: (verifier: string | null) => Promise<T>,
): Promise<T> =>
  authenticate(verifier).catch((error: unknown) => {
    if (verifier && isUnexpectedVerifier(error)) return authenticate(null)
    throw error
  })

const isUnexpectedVerifier = (error: unknown): boolean =>
  error instanceof StytchRefusal && error.errorType === 'pkce_did_not_expect_code_verifier'
