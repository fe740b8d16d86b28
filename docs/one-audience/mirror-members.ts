/** The product has no teams, so no account has a member. */
import 'server-only'
import type { MemberJob } from './queue'
import type { SyncResult } from './sync-result'
import type { Sender } from './webhook-event'

export const memberIssuerPrefix = (): string | null => null

export const memberSenders = (): Sender[] => []

export const organizationNames = async (_: string[]): Promise<Map<string, string>> => new Map()

export const hasLiveMember = async (_: { id: string }): Promise<boolean> => false

export const syncMember = async (_: MemberJob): Promise<SyncResult> => ({
  result: 'gone',
  subject: null,
  password: 'untouched',
})
