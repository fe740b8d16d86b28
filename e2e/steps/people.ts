import { auth0 } from '../world/auth0.ts'

/** Accounts stay after a test, so a test that needs a new user invents an address. */
export const newAddress = () => `${crypto.randomUUID()}@example.com`

/** A user with a verified address at the legacy provider. Stytch has no such user. */
export const newLegacyUser = () => auth0.addUser(newAddress())

/** A user with an unverified address at the legacy provider. Stytch has no such user. */
export const newUnverifiedLegacyUser = () => auth0.addUser(newAddress(), { emailVerified: false })
