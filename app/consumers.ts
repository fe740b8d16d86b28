/**
 * Everything that the other pages use of the consumers' pages. A starter with teams only replaces this file:
 * docs/one-audience.md.
 */
export { signOut } from './(consumer)/sign-out-action'

export const loginPath = '/login'

/** The page of a signed-in user. */
export const homePath = '/dashboard'

/** The pages of consumers in the main navigation. */
export const consumerPages = [
  { href: '/dashboard', label: 'Dashboard', place: 'dashboard' },
] as const
