import 'server-only'
import { z } from 'zod'
import { pendingCookie } from '@/app/login/pending-cookie'

const pendingTeamSignIn = z.object({
  email: z.string().min(1),
  returnTo: z.string().min(1),
  /** The slug of the team. Null in discovery, until the person chooses one. */
  slug: z.string().nullable(),
  /** PKCE verifier of the emailed link. The link works only together with it. */
  codeVerifier: z.string().optional(),
  /** Stytch's intermediate session, after the address is proved. It is a secret, so it stays in the sealed cookie. */
  intermediateToken: z.string().optional(),
})

/** A sign-in to a team that waits for an email, or for the choice of a team. */
export type PendingTeamSignIn = z.infer<typeof pendingTeamSignIn>

export const {
  read: readPendingTeamSignIn,
  save: savePendingTeamSignIn,
  delete: deletePendingTeamSignIn,
} = pendingCookie('auth_pending_team', pendingTeamSignIn)
