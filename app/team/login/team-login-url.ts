import type { Route } from 'next'

/** Parameters of the two login pages of the teams. */
type View = { tab?: 'prebuilt'; by?: 'code'; step?: 'code' | 'link'; reason?: string }

/** The address of a login page. @param slug of the team; null for the page that finds the team */
export const teamLoginUrl = (slug: string | null, returnTo: string, view: View = {}): Route =>
  `${slug ? `/team/${slug}` : '/team'}/login?${new URLSearchParams({ ...view, returnTo })}` as Route
