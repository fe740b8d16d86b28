import type { Route } from 'next'

/** What the product's pages show of the migration, now that it is over: nothing. */
export const SessionMigration = () => null
export const Inspector = () => null
export const LegacyFlow = (_: { returnTo: string; explanation: unknown }) => null
export const operatorPages: readonly { href: Route; label: string; place: string }[] = []
