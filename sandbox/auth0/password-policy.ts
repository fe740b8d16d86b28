import type { PasswordPolicy, Tenant } from './tenant.ts'
import { hashPassword } from './users.ts'

/**
 * Two of Auth0's password policies, both with a minimum length of 8.
 * https://auth0.com/docs/authenticate/database-connections/password-strength
 */
export const passwordPolicies: Record<
  PasswordPolicy,
  { minLength: number; minKinds: number; rule: string }
> = {
  low: { minLength: 8, minKinds: 0, rule: 'At least 8 characters.' },
  good: {
    minLength: 8,
    minKinds: 3,
    rule: 'At least 8 characters, with 3 of these: lower-case letters, upper-case letters, digits, special characters.',
  },
}

/** Lower case, upper case, digits, and the special characters that OWASP lists. */
const characterKinds = [/[a-z]/, /[A-Z]/, /\d/, /[ !"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/]

/** The only way to a hash for a new password. Null: the tenant's policy refuses the password. */
export async function hashNewPassword(tenant: Tenant, password: string): Promise<string | null> {
  const { minLength, minKinds } = passwordPolicies[tenant.settings.passwordPolicy]
  const kinds = characterKinds.filter((kind) => kind.test(password)).length
  if (password.length < minLength || kinds < minKinds) return null
  return hashPassword(password)
}
