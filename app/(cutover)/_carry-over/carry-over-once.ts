import type { CarryOverResult } from '@/lib/cutover/migration/carry-over-current-session'
import { migrateSession } from '../_dashboard/actions'

let running: Promise<CarryOverResult> | null = null

/**
 * Migrates the legacy session of this browser. The layout, the page shell and the dashboard may ask for it at once, and
 * share one call.
 */
export function carryOverOnce(): Promise<CarryOverResult> {
  running ??= migrateSession().finally(() => {
    running = null
  })
  return running
}
