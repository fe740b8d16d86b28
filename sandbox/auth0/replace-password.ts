import type { Tenant } from './tenant.ts'
import type { User } from './users.ts'

/** Ends every session and token of the user too, because a thief of the old password may hold them. */
export function replacePassword(tenant: Tenant, user: User, passwordHash: string) {
  tenant.users.update(user, { passwordHash, last_password_reset: tenant.clock.iso() })
  tenant.oidcStore.endEverything(user.user_id)
}
