import type { Route } from 'next'

/** Parameters of the login page. Without any it shows the form for the email address. */
type View = {
  tab?: 'prebuilt'
  /** Makes the pre-built UI send a code instead of a link. */
  by?: 'code'
  step?: 'code' | 'link' | 'reset'
  with?: 'password' | 'signup' | 'reset'
}

export const loginUrl = (returnTo: string, view: View = {}): Route =>
  `/login?${new URLSearchParams({ ...view, returnTo })}`
