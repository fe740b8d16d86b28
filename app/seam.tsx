/**
 * Everything that the product's pages use of the migration's screens. Pages import this file, and nothing else
 * from app/(cutover). The last step of the migration deletes that folder and replaces this file by
 * docs/after-the-migration/app-seam.tsx.
 */
import type { NavigationPage } from './navigation'

export { CarryOver } from './(cutover)/_carry-over/carry-over'
export { SessionMigration } from './(cutover)/_dashboard/session-migration'
export { Inspector } from './(cutover)/_inspector/inspector'
export { LegacyFlow, LegacyLink, LegacyLogin, legacyLogin } from './(cutover)/_login/legacy-flow'

/** Pages for operators in the main navigation. */
export const operatorPages: readonly NavigationPage[] = [
  { href: '/control', label: 'Control', place: 'control' },
]
