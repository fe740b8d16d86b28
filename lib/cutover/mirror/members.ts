/**
 * Everything that the mirror uses of the teams. A starter without teams replaces this file: docs/one-audience.md.
 */
import 'server-only'
import { inArray } from 'drizzle-orm'
import { database } from '../../db/database'
import { hasTeams, teamConfig } from '../../team/config'
import { organizations } from '../../team/schema'
import { memberIssuerName } from '../../team/stytch/issuer'
import { cutoverConfig } from '../config'
import { receiveTeamEvent } from './team/webhook'
import type { Sender } from './webhook-event'

export { hasLiveMember } from './team/live-member'
export { syncMember } from './team/sync-member'

/** The beginning of the name of every member's issuer. Null without teams. */
export const memberIssuerPrefix = (): string | null => (hasTeams() ? memberIssuerName('') : null)

/** The B2B project as a sender of webhooks. */
export function memberSenders(): Sender[] {
  const project = teamConfig().stytch
  if (!project) return []
  const secret = cutoverConfig().teamWebhookSecret
  return [{ projectId: project.projectId, secret, receive: receiveTeamEvent }]
}

/** The names of organizations, by their id at Stytch. @throws {DatabaseUnavailable} and driver errors */
export async function organizationNames(stytchIds: string[]): Promise<Map<string, string>> {
  if (stytchIds.length === 0) return new Map()
  const db = await database()
  const rows = await db
    .select({ id: organizations.stytchId, name: organizations.name })
    .from(organizations)
    .where(inArray(organizations.stytchId, stytchIds))
  return new Map(rows.map(({ id, name }) => [id ?? '', name]))
}
