import 'server-only'
import type { Patience } from '../../../legacy/auth0/organization-pages'
import { LegacyRefusal } from '../../../legacy/record'
import { cutoverConfig } from '../../config'
import { refuseLiveKeys, setState } from '../import/backfill-run'
import { settleRows, type WorkOptions } from '../import/row-workers'
import type { ClaimedRow, Settlement } from '../import/rows'
import { countRows, nextDue, type RowCounts } from '../import/rows'
import { importMember } from './import-member'
import { importOrganization } from './import-organization'
import { openMemberHashes } from './member-hashes'
import {
  listRows,
  namedOrganization,
  openRun,
  requireOrganizations,
  rowsToImport,
} from './organizations-run'
import { patientCalls } from './patience'
import { createRoleMapping } from './role-mapping'
import { createTeamLimiter, type TeamLimiter } from './team-at-stytch'

export type ImportOrganizationsOptions = WorkOptions & {
  /** Must be true with live keys. */
  live?: boolean
  /** Calls a second, by all processes together. */
  rate?: number
  /** The file with password hashes, and the folder where it may be unpacked. */
  hashes?: { path: string | null; folder: string }
  /** The id or the name of the only organization to import. */
  only?: string | null
  /** Tests replace both. */
  call?: TeamLimiter
  patience?: Patience
}

export type ImportOrganizationsResult = {
  runId: string
  isDone: boolean
  /** Rows that this process settled. */
  settled: number
  counts: RowCounts
  /** Members whose subject Stytch does not take as an external id. */
  unstorable: number
  /** The number of members with each role that ORGANIZATION_ROLES does not map, as far as this process met them. */
  unmappedRoles: ReadonlyMap<string, number>
}

/**
 * Imports the organizations and their members. To run it again is to resume, and to add who is new at Auth0. Several
 * processes share the rows and the rate.
 * @throws {BackfillRefused | LegacyRefusal | ProviderFailure} and the errors of {@link settleRows}
 */
export async function importOrganizations(
  options: ImportOrganizationsOptions = {},
): Promise<ImportOrganizationsResult> {
  refuseLiveKeys(options.live)
  requireOrganizations()
  const { rate = 60, signal } = options
  const call = options.call ?? createTeamLimiter(rate)
  const patience = options.patience ?? patientCalls({ signal })
  const only = options.only ? (await namedOrganization(options.only, patience)).id : null
  const run = await openRun(rate)
  const roles = createRoleMapping(cutoverConfig().organizationRoles)
  const { unstorable } = await listRows(run.id, only, patience)
  const { hashes: source } = options
  const hashes = source ? await openMemberHashes(run, source.path, source.folder) : null
  await setState(run.id, 'running')

  const work = (
    kind: 'organization' | 'member',
    settle: (row: ClaimedRow) => Promise<Settlement>,
  ): Promise<number> =>
    settleRows({
      ...options,
      runId: run.id,
      rate,
      waiting: rowsToImport(kind, only),
      maximumAttempts: 6,
      settle: (row) => settle(row).catch(refusalOf),
      refused: (reason) => ({ state: 'failed', reason }),
    })
  let settled = 0
  try {
    settled += await work('organization', (row) => importOrganization(row, { call, patience }))
    settled += await work('member', (row) => importMember(row, { call, patience, roles, hashes }))
  } finally {
    await hashes?.close()
  }
  const left = await Promise.all(
    (['organization', 'member'] as const).map((kind) => nextDue(run.id, rowsToImport(kind, null))),
  )
  const isDone = left.every((wait) => wait === null)
  if (isDone) await setState(run.id, 'done')
  return {
    runId: run.id,
    isDone,
    settled,
    counts: await countRows(run.id),
    unstorable,
    unmappedRoles: roles.unmapped,
  }
}

/** Auth0 refuses to describe one user, which must not end the import of the others. @throws everything else */
function refusalOf(error: unknown): Settlement {
  if (!(error instanceof LegacyRefusal)) throw error
  return { state: 'failed', reason: `legacy_${error.errorCode}` }
}
