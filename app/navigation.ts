import type { Route } from 'next'
import { consumerPages } from '@/app/consumers'
import { isTeamHost, teamPages } from '@/lib/teams'

export type NavigationEntry = 'home' | 'dashboard' | 'team' | 'control'

/** A page in the main navigation. */
export type NavigationPage = { href: Route; label: string; place: NavigationEntry }

const home: NavigationPage = { href: '/', label: 'Home', place: 'home' }

/** The pages in the main navigation of this host. The host of a team has no page of a consumer. */
export const mainPages = (host: string | null): NavigationPage[] =>
  isTeamHost(host) ? teamPages() : [home, ...consumerPages, ...teamPages()]
