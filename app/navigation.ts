import type { Route } from 'next'
import { hasTeams } from '@/lib/team/config'

export type NavigationEntry = 'home' | 'dashboard' | 'team' | 'control'

/** A page in the main navigation. */
export type NavigationPage = { href: Route; label: string; place: NavigationEntry }

/** The pages in the main navigation. A starter without teams deletes the last one. */
export const mainPages = (): NavigationPage[] => [
  { href: '/', label: 'Home', place: 'home' },
  { href: '/dashboard', label: 'Dashboard', place: 'dashboard' },
  ...(hasTeams() ? [{ href: '/team', label: 'Team', place: 'team' } as const] : []),
]
