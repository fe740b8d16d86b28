/** The product has only teams, so its users are their members. */
export { signOutOfTeam as signOut } from './team/sign-out-action'

export const loginPath = '/team/login'

export const homePath = '/team'

export const consumerPages = []
