'use server'

import {
  type CarryOverResult,
  carryOverCurrentSession,
} from '@/lib/cutover/migration/carry-over-current-session'

/** Migrates the legacy session of the current request to Stytch if the policy allows it. */
export async function migrateSession(): Promise<CarryOverResult> {
  return carryOverCurrentSession()
}
