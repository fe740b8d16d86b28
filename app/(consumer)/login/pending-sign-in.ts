import 'server-only'
import { z } from 'zod'
import { pendingCookie } from '@/app/login/pending-cookie'

const pendingSignIn = z.object({
  email: z.string().min(1),
  returnTo: z.string().min(1),
  /** Stytch's id of the emailed code. */
  methodId: z.string().optional(),
  /** PKCE verifier of the emailed link. The link works only together with it. */
  codeVerifier: z.string().optional(),
})

/** A sign-in that waits for an email. */
export type PendingSignIn = z.infer<typeof pendingSignIn>

export const {
  read: readPendingSignIn,
  save: savePendingSignIn,
  delete: deletePendingSignIn,
} = pendingCookie('auth_pending', pendingSignIn)
