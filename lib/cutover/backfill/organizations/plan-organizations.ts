import 'server-only'
import { and, eq, inArray } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { database } from '../../../db/database'
import { identities } from '../../../db/schema'
import { findRecord, findRecordsByEmail } from '../../../legacy/auth0/management'
import { memberPages, type Patience } from '../../../legacy/auth0/organization-pages'
import type { OrganizationMember, OrganizationRecord } from '../../../legacy/auth0/organizations'
import { legacyConfig } from '../../../legacy/config'
import type { LegacyRecord } from '../../../legacy/record'
import { memberIssuerName } from '../../../team/stytch/issuer'
import { cutoverConfig } from '../../config'
import { findCounterpart } from './import-organization'
import { memberOutcome } from './member-facts'
import { organizationsToMove, requireOrganizations } from './organizations-run'
import { patientCalls } from './patience'
import { createRoleMapping } from './role-mapping'
import { createTeamLimiter, roleIds, type TeamLimiter } from './team-at-stytch'

export type OrganizationsPlan = {
  /** By code. */
  organizations: Record<string, number>
  members: Record<string, number>
  /** The number of members with each role that ORGANIZATION_ROLES does not map. */
  unmappedRoles: ReadonlyMap<string, number>
  /** Roles of ORGANIZATION_ROLES that the project at Stytch does not have. */
  unknownRoles: string[]
}

export type PlanOrganizationsOptions = {
  rate?: number
  only?: string | null
  signal?: AbortSignal
  /** Called after each member. */
  onMember?: () => void
  /** Tests replace both. */
  call?: TeamLimiter
  patience?: Patience
}

/** Stytch has them in every project, and its policy may leave them out. */
const builtInRoles = ['stytch_member', 'stytch_admin']

/**
 * Says what the import would do. Writes nothing, at Stytch and here.
 * @throws {BackfillRefused | LegacyRefusal | StytchRefusal | ProviderFailure | DatabaseUnavailable}
 */
export async function planOrganizations(
  options: PlanOrganizationsOptions = {},
): Promise<OrganizationsPlan> {
  requireOrganizations()
  const { rate = 60, only = null, signal, onMember } = options
  const call = options.call ?? createTeamLimiter(rate)
  const patience = options.patience ?? patientCalls({ signal })
  const { organizationRoles } = cutoverConfig()
  const roles = createRoleMapping(organizationRoles)
  const atStytch = await roleIds(call)
  const plan: OrganizationsPlan = {
    organizations: {},
    members: {},
    unmappedRoles: roles.unmapped,
    unknownRoles: [...new Set(organizationRoles.values())].filter(
      (role) => !atStytch.has(role) && !builtInRoles.includes(role),
    ),
  }
  for await (const organization of organizationsToMove(only, patience)) {
    const { outcome, stytchId } = await outcomeOfOrganization(organization, call)
    count(plan.organizations, outcome)
    const isLeftOut = outcome !== 'organization' && outcome !== 'already'
    for await (const page of memberPages(organization.id, patience)) {
      const linked = stytchId ? await linkedSubjects(page, stytchId) : new Set()
      for (const member of page) {
        signal?.throwIfAborted()
        const code = isLeftOut
          ? 'organization_left_out'
          : linked.has(member.userId)
            ? 'already'
            : await outcomeOfMember(member, patience)
        if (code === 'member') roles.map(member.roles.map(({ name }) => name))
        count(plan.members, code)
        onMember?.()
      }
    }
  }
  return plan
}

const count = (counts: Record<string, number>, code: string): void => {
  counts[code] = (counts[code] ?? 0) + 1
}

async function outcomeOfOrganization(
  organization: OrganizationRecord,
  call: TeamLimiter,
): Promise<{ outcome: string; stytchId: string | null }> {
  const found = await findCounterpart(organization, call)
  if (found.state === 'linked') return { outcome: 'already', stytchId: found.organization.id }
  return { outcome: found.state === 'none' ? 'organization' : found.reason, stytchId: null }
}

/** One call for most members: the list has the address, and the records with it include the member's own. */
async function outcomeOfMember(
  { userId, email }: OrganizationMember,
  patience: Patience,
): Promise<string> {
  const found: LegacyRecord[] = email ? await patience(() => findRecordsByEmail(email)) : []
  const own = found.find(({ id }) => id === userId)
  return memberOutcome(userId, own ?? (await patience(() => findRecord(userId))), found)
}

/** The subjects whose account has a member of this organization at Stytch. */
async function linkedSubjects(
  members: OrganizationMember[],
  stytchId: string,
): Promise<Set<string>> {
  if (members.length === 0) return new Set()
  const there = alias(identities, 'there')
  const rows = await (await database())
    .select({ subject: identities.subject })
    .from(identities)
    .innerJoin(there, eq(there.accountId, identities.accountId))
    .where(
      and(
        eq(identities.issuer, legacyConfig().issuer),
        inArray(
          identities.subject,
          members.map(({ userId }) => userId),
        ),
        eq(identities.emailVerified, true),
        eq(there.issuer, memberIssuerName(stytchId)),
        eq(there.emailVerified, true),
      ),
    )
  return new Set(rows.map(({ subject }) => subject))
}
