import type { StytchProject } from './stytch-browser'

export type PrebuiltProps = {
  project: StytchProject
  /** What it mails: the SDK offers a link or a code, not both at once. */
  mails: 'link' | 'code'
  authenticateUrl: string
  returnTo: string
}
