import 'server-only'
import type { LegacyRecord } from '../record'
import { searchRecords } from './management'

/** Searches of records in Auth0's index. They may miss the changes of the last seconds. */

export const findRecords = (ids: string[]): Promise<LegacyRecord[]> =>
  searchRecords(`user_id:(${ids.map((id) => `"${id.replace(/["\\]/g, '\\$&')}"`).join(' OR ')})`)

export const findBlockedSince = (since: Date, page: number): Promise<LegacyRecord[]> =>
  searchRecords(`blocked:true AND updated_at:[${since.toISOString()} TO *]`, page)
