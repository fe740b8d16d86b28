import type { StytchProject } from '@/app/login/stytch-browser'

export type PrebuiltProps = {
  project: StytchProject
  /** The SDK supports only one method at a time. */
  emailMethod: 'link' | 'code'
  authenticateUrl: string
  returnTo: string
}
