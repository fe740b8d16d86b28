import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { emailPattern } from '../../stand-in/email-address.ts'
import { isLoginClient } from '../clients.ts'
import { type Invitation, newId, type Organization } from '../organizations.ts'
import type { Tenant } from '../tenant.ts'
import { badRequest, ManagementError } from './errors.ts'
import { rolesOf } from './organizations.ts'

const defaultSeconds = 7 * 86_400

export const invitationSchema = z.strictObject({
  inviter: z.strictObject({ name: z.string().min(1).max(300) }),
  invitee: z.strictObject({ email: z.string().regex(emailPattern) }),
  client_id: z.string(),
  connection_id: z.string().optional(),
  ttl_sec: z.int().min(0).max(2_592_000).optional(),
  roles: z.array(z.string()).min(1).max(50).optional(),
  send_invitation_email: z.boolean().optional(),
})

/** Creates an invitation, and mails its link unless the request says otherwise. */
export function createInvitation(
  tenant: Tenant,
  organization: Organization,
  input: z.infer<typeof invitationSchema>,
): Invitation {
  const { inviter, invitee, client_id, ttl_sec, roles = [] } = input
  if (!isLoginClient(client_id)) {
    throw badRequest('The client does not exist.', 'inexistent_client')
  }
  rolesOf(tenant, roles)
  const ticket_id = randomBytes(24).toString('base64url')
  // Auth0 takes the address from the application's setting "Application Login URI".
  const link = new URL('/team/auth/login', tenant.appBaseUrl)
  link.searchParams.set('invitation', ticket_id)
  link.searchParams.set('organization', organization.id)
  link.searchParams.set('organization_name', organization.name)
  const expiry = tenant.clock.now() + (ttl_sec || defaultSeconds) * 1_000
  const invitation: Invitation = {
    id: newId('uinv'),
    organization_id: organization.id,
    inviter,
    invitee,
    invitation_url: link.href,
    created_at: tenant.clock.iso(),
    expires_at: new Date(expiry).toISOString(),
    client_id,
    roles,
    ticket_id,
  }
  tenant.organizations.invitations.set(invitation.id, invitation)
  if (input.send_invitation_email ?? true) {
    tenant.inbox.deliver({
      to: invitee.email.toLowerCase(),
      kind: 'organization-invitation',
      link: link.href,
    })
  }
  return invitation
}

export const invitationsOf = ({ organizations }: Tenant, { id }: Organization): Invitation[] =>
  [...organizations.invitations.values()].filter(({ organization_id }) => organization_id === id)

export function requireInvitation(
  tenant: Tenant,
  organization: Organization,
  id: string,
): Invitation {
  const invitation = invitationsOf(tenant, organization).find((each) => each.id === id)
  if (invitation) return invitation
  throw new ManagementError(
    404,
    'Not Found',
    'The invitation does not exist.',
    'inexistent_invitation',
  )
}
