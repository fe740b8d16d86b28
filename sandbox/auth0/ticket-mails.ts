import type { Tenant } from './tenant.ts'
import type { User } from './users.ts'

export const mailSetPassword = (tenant: Tenant, user: User) => mail(tenant, user, 'set-password')

export const mailVerification = (tenant: Tenant, user: User) => mail(tenant, user, 'verify-email')

function mail(tenant: Tenant, user: User, kind: 'set-password' | 'verify-email') {
  const link = tenant.tickets.create({ kind, userId: user.user_id })
  tenant.inbox.deliver({ to: user.email, kind, link })
}
