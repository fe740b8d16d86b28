import type { Route } from 'next'

export type Search = Record<string, string | string[] | undefined>

export const one = (value: Search[string]): string | undefined =>
  Array.isArray(value) ? value[0] : value

/** What the page shows, beside a form for the email address. */
type View = {
  tab?: 'prebuilt'
  /** Of the pre-built UI. */
  by?: 'code'
  step?: 'code' | 'link' | 'reset'
  with?: 'password' | 'signup' | 'reset'
}

export const addressOf = (returnTo: string, view: View = {}): Route =>
  `/login?${new URLSearchParams({ ...view, returnTo })}`
