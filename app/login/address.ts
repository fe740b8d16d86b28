import type { Route } from 'next'

/** What the page shows, beside a form for the email address. */
type View = {
  tab?: 'prebuilt'
  /** Of the pre-built UI. */
  by?: 'code'
  step?: 'code' | 'link' | 'reset'
  with?: 'password' | 'signup' | 'reset'
}

export const loginAddress = (returnTo: string, view: View = {}): Route =>
  `/login?${new URLSearchParams({ ...view, returnTo })}`
