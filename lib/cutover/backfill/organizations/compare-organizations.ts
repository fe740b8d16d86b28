import 'server-only'
import { and, eq } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { database } from '../../../db/database'
import { identities } from '../../../db/schema'
import { memberPages, type Patience } from '../../../legacy/auth0/organization-pages'
import type { OrganizationMember } from '../../../legacy/auth0/organizations'
import { legacyConfig } from '../../../legacy/config'
import { memberIssuerName } from '../../../team/stytch/issuer'
import type { StytchMember } from '../../../team/stytch/members'
import { cutoverConfig } from '../../config'
import { externalIdOf } from '../../migration/external-id'
import { findCounterpart } from './import-organization'
import { organizationsToMove, requireOrganizations } from './organizations-run'
import { patientCalls } from './patience'
import { createRoleMapping } from './role-mapping'
import { createTeamLimiter, memberPagesAtStytch, type TeamLimiter } from './team-at-stytch'

/** Differences between the members of one organization at both providers. */
export const differenceCodes = [
  'only_at_auth0',
  'left_auth0',
  'only_at_stytch',
  'address_differs',
  'roles_differ',
  'organization_only_at_auth0',
  'not_compared',
] as const
export type DifferenceCode = (typeof differenceCodes)[number]

/** One difference. Ids name the person, and never an address. */
export type Difference = { code: DifferenceCode; organization: string; id: string }

export type CompareOptions = {
  rate?: number
  only?: string | null
  signal?: AbortSignal
  onDifference?: (difference: Difference) => void
  /** Tests replace both. */
  call?: TeamLimiter
  patience?: Patience
}

/**
 * Counts the differences between both providers, one organization at a time. Writes nothing.
 * @throws {BackfillRefused | LegacyRefusal | StytchRefusal | ProviderFailure | DatabaseUnavailable}
 */
export async function compareOrganizations(
  options: CompareOptions = {},
): Promise<Partial<Record<DifferenceCode, number>>> {
  requireOrganizations()
  const { rate = 60, only = null, signal, onDifference } = options
  const call = options.call ?? createTeamLimiter(rate)
  const patience = options.patience ?? patientCalls({ signal })
  const counts: Partial<Record<DifferenceCode, number>> = {}
  for await (const organization of organizationsToMove(only, patience)) {
    const report = (code: DifferenceCode, id: string): void => {
      counts[code] = (counts[code] ?? 0) + 1
      onDifference?.({ code, organization: organization.name, id })
    }
    const counterpart = await findCounterpart(organization, call)
    if (counterpart.state !== 'linked') {
      report('organization_only_at_auth0', organization.id)
      continue
    }
    const there = await membersAtStytch(counterpart.organization.id, call)
    for await (const page of memberPages(organization.id, patience)) {
      signal?.throwIfAborted()
      for (const member of page) compareMember(member, there, report)
    }
    // Those who are left are no members at Auth0.
    for (const { id } of there.bySubject.values()) report('left_auth0', id)
    for (const { id } of there.others) report('only_at_stytch', id)
  }
  return counts
}

type AtStytch = {
  /** By the legacy subject that the external id or this app names. */
  bySubject: Map<string, StytchMember>
  /** Members whom nothing links to the legacy provider. */
  others: StytchMember[]
}

async function membersAtStytch(stytchId: string, call: TeamLimiter): Promise<AtStytch> {
  const linked = await linkedMembers(stytchId)
  const found: AtStytch = { bySubject: new Map(), others: [] }
  for await (const page of memberPagesAtStytch(call, stytchId)) {
    for (const member of page) {
      const subject = member.externalId ?? linked.get(member.id)
      if (subject) found.bySubject.set(subject, member)
      else found.others.push(member)
    }
  }
  return found
}

/** The legacy subjects by the ids of the members of an organization, as this app has linked them. */
async function linkedMembers(stytchId: string): Promise<Map<string, string>> {
  const there = alias(identities, 'there')
  const rows = await (await database())
    .select({ memberId: there.subject, subject: identities.subject })
    .from(there)
    .innerJoin(identities, eq(identities.accountId, there.accountId))
    .where(
      and(
        eq(there.issuer, memberIssuerName(stytchId)),
        eq(there.emailVerified, true),
        eq(identities.issuer, legacyConfig().issuer),
        eq(identities.emailVerified, true),
      ),
    )
  return new Map(rows.map(({ memberId, subject }) => [memberId, subject]))
}

function compareMember(
  { userId, email, roles }: OrganizationMember,
  { bySubject }: AtStytch,
  report: (code: DifferenceCode, id: string) => void,
): void {
  const member = bySubject.get(userId)
  if (!member) {
    // Stytch does not take the subject, so only this app could link the member, and has not.
    const isComparable = externalIdOf(userId) !== null
    report(isComparable ? 'only_at_auth0' : 'not_compared', isComparable ? userId : '')
    return
  }
  bySubject.delete(userId)
  if (member.email !== email) report('address_differs', member.id)
  const { organizationRoles } = cutoverConfig()
  const wanted = createRoleMapping(organizationRoles).map(roles.map(({ name }) => name))
  // Roles that the mapping does not know belong to Stytch alone.
  const mapped = new Set(organizationRoles.values())
  const given = member.assignedRoles.filter((role) => mapped.has(role))
  const isSame = wanted.length === given.length && wanted.every((role) => given.includes(role))
  if (!isSame) report('roles_differ', member.id)
}
