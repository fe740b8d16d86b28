import 'server-only'
import type { B2BClient } from 'stytch'
import { z } from 'zod'
import { normalizedEmail } from '../../account/email-address'
import { ProviderFailure } from '../../provider-failure'
import { StytchRefusal } from '../../stytch/client'
import { timestamp } from '../../stytch/timestamp'
import { callTeamStytch } from './client'

/** The fields of a member at Stytch that this app uses. */
export type StytchMember = {
  id: string
  organizationId: string
  externalId: string | null
  email: string
  emailVerified: boolean
  name: string
  status: string
  /** Ids of the roles. */
  roles: string[]
  /** The roles that were assigned to the member, without those that Stytch gives to every member or by rule. */
  assignedRoles: string[]
  /** Whether the member has enrolled a second factor. */
  hasSecondFactor: boolean
  /** Whether a mail to the address is the only way to sign in: no password, OAuth, single sign-on or second factor. */
  isOnlyByEmail: boolean
  hasPassword: boolean
  /** Whether Stytch refuses sign-ins for some time, for instance after ten wrong passwords. */
  isLocked: boolean
}

/** Stytch gives it to every member, and refuses to assign it. */
const defaultRole = 'stytch_member'
const isAssigned = ({ type }: { type: string }): boolean => type === 'direct_assignment'

const memberSchema = z
  .object({
    member_id: z.string().min(1),
    organization_id: z.string().min(1),
    external_id: z.string().nullish(),
    email_address: z.string(),
    email_address_verified: z.boolean().nullish(),
    name: z.string().nullish(),
    status: z.string(),
    roles: z
      .array(
        z.object({
          role_id: z.string(),
          sources: z.array(z.object({ type: z.string() })).default([]),
        }),
      )
      .nullish(),
    mfa_enrolled: z.boolean().nullish(),
    mfa_phone_number_verified: z.boolean().nullish(),
    totp_registration_id: z.string().nullish(),
    mfa_phone_number: z.string().nullish(),
    member_password_id: z.string().nullish(),
    oauth_registrations: z.array(z.unknown()).nullish(),
    sso_registrations: z.array(z.unknown()).nullish(),
    is_locked: z.boolean().nullish(),
    lock_expires_at: timestamp.nullish().catch(null),
  })
  .transform(
    (found): StytchMember => ({
      id: found.member_id,
      organizationId: found.organization_id,
      externalId: found.external_id || null,
      email: normalizedEmail(found.email_address),
      emailVerified: found.email_address_verified === true,
      name: found.name || found.email_address,
      status: found.status,
      roles: (found.roles ?? []).map(({ role_id }) => role_id),
      assignedRoles: (found.roles ?? [])
        .filter(({ role_id, sources }) => role_id !== defaultRole && sources.some(isAssigned))
        .map(({ role_id }) => role_id),
      // `mfa_enrolled` makes Stytch ask for the factor at each sign-in. A factor alone does not.
      hasSecondFactor:
        found.mfa_enrolled === true &&
        (found.mfa_phone_number_verified === true || Boolean(found.totp_registration_id)),
      isOnlyByEmail:
        !found.member_password_id &&
        !found.totp_registration_id &&
        !found.mfa_phone_number &&
        (found.oauth_registrations ?? []).length === 0 &&
        (found.sso_registrations ?? []).length === 0,
      hasPassword: Boolean(found.member_password_id),
      isLocked:
        found.is_locked === true && (found.lock_expires_at?.getTime() ?? Infinity) > Date.now(),
    }),
  )

/** @throws {ProviderFailure} when the answer is not what Stytch describes */
export function stytchMemberOf(answer: unknown): StytchMember {
  const parsed = memberSchema.safeParse(answer)
  if (!parsed.success) {
    throw new ProviderFailure('stytch', 'unexpected_response', 'an answer without a member')
  }
  return parsed.data
}

/** The member with this id. @throws {StytchRefusal | ProviderFailure} */
export async function fetchMember(organizationId: string, memberId: string): Promise<StytchMember> {
  const { member } = await callTeamStytch((client) =>
    client.organizations.members.get({ organization_id: organizationId, member_id: memberId }),
  )
  return stytchMemberOf(member)
}

/** The member with this address in an organization, or null. @throws {StytchRefusal | ProviderFailure} */
export const findMemberByEmail = (
  organizationId: string,
  email: string,
): Promise<StytchMember | null> =>
  findMember({ organization_id: organizationId, email_address: email })

/** The member with this external id in an organization, or null. @throws {StytchRefusal | ProviderFailure} */
export async function findMemberByExternalId(
  organizationId: string,
  externalId: string,
): Promise<StytchMember | null> {
  const found = await findMember({ organization_id: organizationId, member_id: externalId })
  // Stytch looks the text up as one of its own ids too.
  return found?.externalId === externalId ? found : null
}

async function findMember(
  wanted: Parameters<B2BClient['organizations']['members']['get']>[0],
): Promise<StytchMember | null> {
  try {
    const { member } = await callTeamStytch((client) => client.organizations.members.get(wanted))
    return stytchMemberOf(member)
  } catch (error) {
    if (error instanceof StytchRefusal && error.errorType === 'member_not_found') return null
    throw error
  }
}
