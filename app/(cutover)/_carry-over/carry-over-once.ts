import { startTransition } from 'react'
import type { CarryOverResult } from '@/lib/cutover/migration/carry-over-current-session'
import { migrateSession } from '../_dashboard/actions'

let running: Promise<CarryOverResult> | null = null

/**
 * Migrates the legacy session of this browser. The layout, the page shell and the dashboard may ask for it at once, and
 * share one call.
 * @param refresh shows the page on its new lane. If the session has ended, it redirects to the login.
 */
export function carryOverOnce(refresh: () => void): Promise<CarryOverResult> {
  running ??= migrateSession()
    .then((outcome) => {
      if (outcome.result === 'migrated' || outcome.result === 'ended') startTransition(refresh)
      return outcome
    })
    .finally(() => {
      running = null
    })
  return running
}
