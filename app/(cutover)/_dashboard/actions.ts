'use server'

import {
  type CarryOverResult,
  carryOverCurrentSession,
} from '@/lib/cutover/migration/carry-over-current-session'

/** Migrates the legacy session of this browser to Stytch, if the policy says so. */
export async function migrateSession(): Promise<CarryOverResult> {
  return carryOverCurrentSession()
}
