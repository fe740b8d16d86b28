'use server'

import type { CarryOverResult } from '@/lib/cutover/migration/carry-over-in-browser'
import { carryOverMember } from '@/lib/cutover/team/carry-over-member'
import { isSlug } from '@/lib/team/slug'

/** Migrates the member's legacy session of the current request to Stytch if the policy allows it. */
export async function migrateMemberSession(slug: string): Promise<CarryOverResult> {
  if (typeof slug !== 'string' || !isSlug(slug)) {
    return { result: 'refused', reason: 'organization_unknown' }
  }
  return carryOverMember(slug)
}
