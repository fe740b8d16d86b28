import { createHash } from 'node:crypto'
import { auth0Tenant } from '../settings.ts'
import type { User } from './users.ts'

/**
 * The file that Auth0's support sends on request, one user a line.
 * https://support.auth0.com/center/s/article/How-to-Use-the-Password-Hashes-Export-from-Auth0
 */
export function passwordHashExport(users: User[]): string {
  const withPassword = users.filter(({ passwordHash }) => passwordHash !== '')
  return withPassword.map((user) => `${JSON.stringify(lineOf(user))}\n`).join('')
}

function lineOf(user: User) {
  const { email, email_verified, passwordHash, last_password_reset, created_at } = user
  const id = user.user_id.slice('auth0|'.length)
  const isObjectId = /^[0-9a-f]{24}$/.test(id)
  const $oid = isObjectId ? id : createHash('sha256').update(id).digest('hex').slice(0, 24)
  return {
    _id: { $oid },
    email_verified,
    email,
    passwordHash,
    password_set_date: { $date: last_password_reset ?? created_at },
    tenant: 'cutover',
    connection: auth0Tenant.connection,
    _tmp_is_unique: true,
    identifiers: [{ type: 'email', value: email, verified: email_verified }],
    // An id that the app has chosen.
    ...(!isObjectId && { alt_id: id }),
  }
}
