import type { NavigationPage } from './navigation'

/** Empty components in place of those of the migration, so that the pages of the product need no change. */
export const CarryOver = () => null
export const SessionMigration = () => null
export const Inspector = () => null
export const LegacyFlow = (_: {
  returnTo: string
  explanation: unknown
  stytchSignUp: string | null
}) => null
export const LegacyLink = (_: { login: string }) => null
export const legacyLogin = (_: string) => ''
export const LegacyLogin = (_: { login: string; children?: unknown }) => null
export const operatorPages: readonly NavigationPage[] = []
