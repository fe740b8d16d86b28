import type { Identity } from '../account/account'

/**
 * A user as a member of one organization, for the list of ended sessions. The user has one identity in all organizations
 * of the tenant, so it cannot say which of their sessions ended.
 */
export const legacyMembership = (
  { issuer, subject }: Identity,
  organizationId: string,
): Identity => ({ issuer: `${issuer}organizations/${organizationId}`, subject })
