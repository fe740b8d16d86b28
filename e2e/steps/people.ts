import { auth0 } from '../world/auth0.ts'

/** Accounts outlive a test, so a test that needs somebody new invents an address. */
export const newAddress = () => `${crypto.randomUUID()}@example.com`

/** Verified at the legacy provider, and unknown to Stytch. */
export const newLegacyUser = () => auth0.addUser(newAddress())

/** At the legacy provider with an address that is not verified, and unknown to Stytch. */
export const newUnverifiedLegacyUser = () => auth0.addUser(newAddress(), { emailVerified: false })
