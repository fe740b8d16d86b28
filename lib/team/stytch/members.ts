import 'server-only'
import { z } from 'zod'
import { normalizedEmail } from '../../account/email-address'
import { ProviderFailure } from '../../provider-failure'
import { StytchRefusal } from '../../stytch/client'
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
  /** Whether the member has enrolled a second factor. */
  hasSecondFactor: boolean
}

const memberSchema = z
  .object({
    member_id: z.string().min(1),
    organization_id: z.string().min(1),
    external_id: z.string().nullish(),
    email_address: z.string(),
    email_address_verified: z.boolean().nullish(),
    name: z.string().nullish(),
    status: z.string(),
    roles: z.array(z.object({ role_id: z.string() })).nullish(),
    mfa_enrolled: z.boolean().nullish(),
    mfa_phone_number_verified: z.boolean().nullish(),
    totp_registration_id: z.string().nullish(),
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
      // `mfa_enrolled` makes Stytch ask for the factor at each sign-in. A factor alone does not.
      hasSecondFactor:
        found.mfa_enrolled === true &&
        (found.mfa_phone_number_verified === true || Boolean(found.totp_registration_id)),
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
export async function findMemberByEmail(
  organizationId: string,
  email: string,
): Promise<StytchMember | null> {
  try {
    const { member } = await callTeamStytch((client) =>
      client.organizations.members.get({ organization_id: organizationId, email_address: email }),
    )
    return stytchMemberOf(member)
  } catch (error) {
    if (error instanceof StytchRefusal && error.errorType === 'member_not_found') return null
    throw error
  }
}
