import type { CarryOverResult } from '@/lib/cutover/migration/carry-over-current-session'
import { migrateSession } from '../_dashboard/actions'
import { migrateMemberSession } from '../_team/actions'

const running = new Map<string | null, Promise<CarryOverResult>>()

/**
 * Migrates the legacy session of this browser. The layout, the page shell and the dashboard may ask for it at once, and
 * share one call.
 * @param team the slug of the team of the page; null for the session of a consumer
 */
export function carryOverOnce(team: string | null): Promise<CarryOverResult> {
  const current =
    running.get(team) ??
    (team === null ? migrateSession() : migrateMemberSession(team)).finally(() =>
      running.delete(team),
    )
  running.set(team, current)
  return current
}
