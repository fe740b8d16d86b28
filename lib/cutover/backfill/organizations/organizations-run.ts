import 'server-only'
import { createHash } from 'node:crypto'
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { database } from '../../../db/database'
import {
  memberPages,
  organizationPages,
  type Patience,
} from '../../../legacy/auth0/organization-pages'
import { type OrganizationRecord, organizationOf } from '../../../legacy/auth0/organizations'
import { legacyConfig } from '../../../legacy/config'
import { hasTeams } from '../../../team/config'
import { teamProjectKeys } from '../../../team/stytch/client'
import { externalIdOf } from '../../migration/external-id'
import { BackfillRefused } from '../import/backfill-refused'
import { type BackfillRun, readRun } from '../import/backfill-run'
import { toImport } from '../import/rows'
import { backfillRows, backfillRuns } from '../schema'

/** @throws {BackfillRefused} unless both providers have teams here, and the Management API is configured */
export function requireOrganizations(): void {
  const { team, management } = legacyConfig()
  // Without a login of teams, every enterprise connection may call any address verified.
  if (!hasTeams() || !team) throw new BackfillRefused('teams_missing')
  if (!management) throw new BackfillRefused('management_missing')
}

/** One tenant and one project have one run, so that to run the import again is to resume. */
export function organizationsRunId(): string {
  const both = `${legacyConfig().issuer} ${teamProjectKeys().projectId}`
  return `organizations-${createHash('sha256').update(both).digest('hex').slice(0, 12)}`
}

/** @throws {BackfillRefused} */
export async function openRun(rate: number): Promise<BackfillRun> {
  const db = await database()
  const id = organizationsRunId()
  const files = { usersFile: '', usersDigest: '' }
  await db
    .insert(backfillRuns)
    .values({ id, kind: 'organizations', ...files, rate, state: 'running' })
    .onConflictDoNothing()
  return readRun(id, 'organizations')
}

/** @throws {BackfillRefused} if Auth0 does not know the organization that an operator has named */
export async function namedOrganization(
  idOrName: string,
  patience: Patience,
): Promise<OrganizationRecord> {
  const found = await patience(() => organizationOf(idOrName))
  if (!found) throw new BackfillRefused('organization_unknown')
  return found
}

/** The organizations that a command works on. @param only the id or name of one, which must exist */
export async function* organizationsToMove(
  only: string | null,
  patience: Patience,
): AsyncGenerator<OrganizationRecord> {
  if (only !== null) yield await namedOrganization(only, patience)
  else for await (const page of organizationPages(patience)) yield* page
}

/**
 * Adds a row for each organization and each member that has none. Those who were left out or failed before are tried
 * again, since an operator may have corrected what kept them out.
 * @returns the number of members whose subject must not be stored
 */
export async function listRows(
  runId: string,
  only: string | null,
  patience: Patience,
): Promise<{ unstorable: number }> {
  let unstorable = 0
  for await (const { id } of organizationsToMove(only, patience)) {
    await addRows(runId, 'organization', [id])
    for await (const page of memberPages(id, patience)) {
      // Subjects that Stytch does not take may contain addresses, which the backfill does not store.
      const subjects = page.map(({ userId }) => userId).filter((each) => externalIdOf(each))
      unstorable += page.length - subjects.length
      await addRows(
        runId,
        'member',
        subjects.map((subject) => memberRow(id, subject)),
      )
    }
  }
  return { unstorable }
}

export const memberRow = (organizationId: string, subject: string): string =>
  `${organizationId} ${subject}`

/** The organization and the subject of a row that {@link memberRow} has named. */
export function membershipOfRow(row: string): { organizationId: string; subject: string } {
  const end = row.indexOf(' ')
  return { organizationId: row.slice(0, end), subject: row.slice(end + 1) }
}

async function addRows(runId: string, outcome: string, subjects: string[]): Promise<void> {
  if (subjects.length === 0) return
  const db = await database()
  const row = { runId, outcome, state: 'planned' as const, userOffset: 0, userLength: 0 }
  await db
    .insert(backfillRows)
    .values(subjects.map((subject) => ({ ...row, subject })))
    .onConflictDoUpdate({
      target: [backfillRows.runId, backfillRows.subject],
      set: { state: 'planned', reason: null, attempts: 0, leaseEndsAt: null },
      setWhere: sql`${backfillRows.state} in ('skipped', 'failed')`,
    })
}

/** The rows of one kind that the import has still to settle. @param only the id of one organization */
export const rowsToImport = (outcome: 'organization' | 'member', only: string | null): SQL =>
  sql`${toImport(null)} and outcome = ${outcome}
    and ${only === null ? sql`true` : sql`split_part(subject, ' ', 1) = ${only}`}`

/** Whether the run made this organization at Stytch. */
export async function madeOrganization(runId: string, organizationId: string): Promise<boolean> {
  const db = await database()
  const [row] = await db
    .select({ madeUser: backfillRows.madeUser })
    .from(backfillRows)
    .where(and(eq(backfillRows.runId, runId), eq(backfillRows.subject, organizationId)))
  return row?.madeUser ?? false
}
