import 'server-only'
import { z } from 'zod'
import { ProviderFailure } from '../../../provider-failure'
import { StytchRefusal } from '../../../stytch/client'
import { callTeamStytch } from '../../../team/stytch/client'
import { type StytchMember, stytchMemberOf } from '../../../team/stytch/members'
import { type StytchOrganization, stytchOrganizationOf } from '../../../team/stytch/organizations'
import { limitCalls } from '../import/limiter'
import type { SourceHash } from '../source/source-user'

/** Calls the B2B project of Stytch at the rate of the backfill. */
export type TeamLimiter = <T>(call: Parameters<typeof callTeamStytch<T>>[0]) => Promise<T>

type Client = Parameters<Parameters<typeof callTeamStytch>[0]>[0]

export const createTeamLimiter = (rate: number): TeamLimiter => limitCalls(callTeamStytch, rate)

/** Only a backend with the project's secret writes trusted metadata. */
const markName = 'cutover_backfill_run'
const markSchema = z.object({ trusted_metadata: z.object({ [markName]: z.string() }) })
const madeBy = (answer: unknown): string | null =>
  markSchema.safeParse(answer).data?.trusted_metadata[markName] ?? null

/** An organization or a member, and the run that made it. */
export type Made<T> = T & { madeBy: string | null }

const organizationOf = (answer: unknown): Made<StytchOrganization> => ({
  ...stytchOrganizationOf(answer),
  madeBy: madeBy(answer),
})
const memberOf = (answer: unknown): Made<StytchMember> => ({
  ...stytchMemberOf(answer),
  madeBy: madeBy(answer),
})

const isRefusal = (error: unknown, ...types: string[]): boolean =>
  error instanceof StytchRefusal && types.includes(error.errorType)

async function orNull<T>(answer: Promise<T>, ...types: string[]): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (isRefusal(error, ...types)) return null
    throw error
  }
}

/**
 * The organization with this id, slug or external id. Stytch looks a text up as all three.
 * @throws {StytchRefusal | ProviderFailure} as all functions here
 */
export async function findOrganization(
  call: TeamLimiter,
  id: string,
): Promise<Made<StytchOrganization> | null> {
  const get = call((client) => client.organizations.get({ organization_id: id }))
  const answer = await orNull(get, 'organization_not_found')
  return answer && organizationOf(answer.organization)
}

/**
 * Creates an organization. Nobody joins it by an address or a single sign-on alone, until an operator allows it. Its
 * members may invite others, as at Auth0, and the carry-over may create members who joined after the import.
 * @returns null if the slug or the external id is taken
 */
export async function createOrganization(
  call: TeamLimiter,
  { slug, name, legacyId, runId }: { slug: string; name: string; legacyId: string; runId: string },
): Promise<Made<StytchOrganization> | null> {
  const create = call((client) =>
    client.organizations.create({
      organization_name: name,
      organization_slug: slug,
      organization_external_id: legacyId,
      email_invites: 'ALL_ALLOWED',
      email_jit_provisioning: 'NOT_ALLOWED',
      sso_jit_provisioning: 'NOT_ALLOWED',
      trusted_metadata: { [markName]: runId },
    }),
  )
  const answer = await orNull(
    create,
    'organization_slug_already_used',
    'organization_external_id_already_used',
  )
  return answer && organizationOf(answer.organization)
}

/** The member with this external id, unless deleted. */
export async function findMember(
  call: TeamLimiter,
  organizationId: string,
  externalId: string,
): Promise<Made<StytchMember> | null> {
  const found = await getMember(call, { organization_id: organizationId, member_id: externalId })
  // Stytch looks the text up as one of its own ids too.
  return found?.externalId === externalId ? found : null
}

/** The member with this address, unless deleted. */
export const findMemberByEmail = (
  call: TeamLimiter,
  organizationId: string,
  email: string,
): Promise<Made<StytchMember> | null> =>
  getMember(call, { organization_id: organizationId, email_address: email })

async function getMember(
  call: TeamLimiter,
  wanted: Parameters<Client['organizations']['members']['get']>[0],
): Promise<Made<StytchMember> | null> {
  const get = call((client) => client.organizations.members.get(wanted))
  const answer = await orNull(get, 'member_not_found')
  return answer && memberOf(answer.member)
}

type NewMember = {
  email: string
  name: string
  externalId: string
  roles: readonly string[]
  runId: string
}

/** Creates a member. It never changes an existing one. @returns null if the address or the external id is taken */
export async function createMember(
  call: TeamLimiter,
  organizationId: string,
  { email, name, externalId, roles, runId }: NewMember,
): Promise<Made<StytchMember> | null> {
  const create = call((client) =>
    client.organizations.members.create({
      organization_id: organizationId,
      email_address: email,
      name,
      external_id: externalId,
      roles: [...roles],
      trusted_metadata: { [markName]: runId },
    }),
  )
  const answer = await orNull(create, 'duplicate_member_email', 'duplicate_member_external_id')
  return answer && memberOf(answer.member)
}

/**
 * Gives the hash to a member without a password. Stytch then calls the address verified, whatever Auth0 says.
 * @throws {ProviderFailure} if Stytch has added it to another member with this address
 */
export async function addHash(
  call: TeamLimiter,
  { organizationId, id, email }: StytchMember,
  { hashType, fields }: SourceHash,
): Promise<void> {
  const { member } = await call((client) =>
    client.passwords.migrate({
      ...(fields as { hash: string }),
      organization_id: organizationId,
      email_address: email,
      hash_type: hashType,
    }),
  )
  if (member.member_id === id) return
  throw new ProviderFailure('stytch', 'unexpected_response', 'the hash went to another member')
}

/** Assigns these roles. They replace those that were assigned before. */
export async function assignRoles(
  call: TeamLimiter,
  { organizationId, id }: StytchMember,
  roles: readonly string[],
): Promise<void> {
  const member = { organization_id: organizationId, member_id: id }
  await call((client) => client.organizations.members.update({ ...member, roles: [...roles] }))
}

/** Whether the member with this id was removed at Stytch. Call it only with an id from our own records. */
export async function isDeleted(call: TeamLimiter, memberId: string): Promise<boolean> {
  const get = call((client) =>
    client.organizations.members.dangerouslyGet({ member_id: memberId, include_deleted: true }),
  )
  return (await orNull(get, 'member_not_found'))?.member.status === 'deleted'
}

/** The members of an organization, without the deleted ones, one page at a time. */
export async function* memberPagesAtStytch(
  call: TeamLimiter,
  organizationId: string,
): AsyncGenerator<StytchMember[]> {
  let cursor: string | undefined
  do {
    const from = cursor
    const { members, results_metadata } = await call((client) =>
      client.organizations.members.search({
        organization_ids: [organizationId],
        limit: 1_000,
        ...(from && { cursor: from }),
      }),
    )
    yield members.map(stytchMemberOf)
    cursor = results_metadata.next_cursor || undefined
  } while (cursor)
}

/** The ids of the project's roles. */
export async function roleIds(call: TeamLimiter): Promise<Set<string>> {
  const { policy } = await call((client) => client.rbac.policy())
  return new Set(policy?.roles.map(({ role_id }) => role_id))
}
