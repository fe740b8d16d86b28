/**
 * The seam of the screens: everything that the product's pages show of the migration. They import this file,
 * and nothing from app/(cutover). The last step of the migration deletes that folder and puts
 * docs/after-the-migration/app-seam.tsx in the place of this file.
 */
import type { Route } from 'next'

export { SessionMigration } from './(cutover)/_dashboard/session-migration'
export { Inspector } from './(cutover)/_inspector/inspector'
export { LegacyFlow } from './(cutover)/_login/legacy-flow'

/** Pages of the operators, for the main navigation. */
export const operatorPages: readonly { href: Route; label: string; place: string }[] = [
  { href: '/control', label: 'Control', place: 'control' },
]
