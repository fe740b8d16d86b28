'use server'

import { carryOverMember } from '@/lib/cutover/member-migration'
import type { CarryOverResult } from '@/lib/cutover/migration/carry-over-in-browser'

/** Migrates the member's legacy session of the current request to Stytch if the policy allows it. */
export async function migrateMemberSession(slug: string): Promise<CarryOverResult> {
  return carryOverMember(String(slug))
}
