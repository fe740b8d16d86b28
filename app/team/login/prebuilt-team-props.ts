import type { StytchB2bProject } from './stytch-b2b-browser'

export type PrebuiltTeamProps = {
  project: StytchB2bProject
  /** The slug of the team. Null to find the team after the sign-in. */
  slug: string | null
  emailMethod: 'link' | 'code'
  authenticateUrl: string
  /** Undefined where the browser has saved it, see prebuilt-storage.ts. */
  returnTo?: string
}
