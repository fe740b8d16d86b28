import type { Tenant } from './tenant.ts'
import { hashPassword, type User } from './users.ts'

/** Replaces the password. It ends every session and token, which a thief of the old password may hold. */
export async function setPassword(tenant: Tenant, user: User, password: string) {
  tenant.users.update(user, {
    passwordHash: await hashPassword(password),
    last_password_reset: tenant.clock.iso(),
  })
  tenant.oidcStore.endEverything(user.user_id)
}
