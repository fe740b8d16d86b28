import { z } from 'zod'
import { type ControlAnswer, controlError, ok } from '../stand-in/control-routes.ts'
import { emailPattern } from '../stand-in/email-address.ts'
import type { Tenant } from './tenant.ts'
import { hashOfDemoPassword } from './users.ts'

const metadata = z.record(z.string(), z.unknown())
const userSchema = z.strictObject({
  /** With the prefix of its provider. */
  user_id: z.string().regex(/^[\w-]+\|.+$/),
  email: z.string().regex(emailPattern),
  email_verified: z.boolean().optional(),
  name: z.string().optional(),
  given_name: z.string().optional(),
  family_name: z.string().optional(),
  phone_number: z.string().optional(),
  phone_verified: z.boolean().optional(),
  blocked: z.boolean().optional(),
  multifactor: z.array(z.string()).optional(),
  /** The hash of the demo password, unless the request has another. Empty without a password. */
  passwordHash: z.string().optional(),
  app_metadata: metadata.optional(),
  user_metadata: metadata.optional(),
})

export const addUsersSchema = z.union([
  z.strictObject({ users: z.array(userSchema) }),
  z.strictObject({ count: z.int().min(1).max(1_000_000), from: z.int().min(1).default(1) }),
])

/** Adds users without hashing a password for each. */
export async function addUsers(
  tenant: Tenant,
  input: z.infer<typeof addUsersSchema>,
): Promise<ControlAnswer> {
  const passwordHash = await hashOfDemoPassword()
  const added = 'users' in input ? input.users : [...numberedUsers(input)]
  const taken = added.find(({ user_id }) => tenant.users.byId(user_id))
  if (taken) return controlError(409, 'user_exists', `There is a user ${taken.user_id} already.`)
  for (const user of added) tenant.users.add({ passwordHash, ...user })
  return ok({ added: added.length })
}

/** Verified users with the same ids and addresses in every run. */
function* numberedUsers({ count, from }: { count: number; from: number }) {
  for (let number = from; number < from + count; number += 1) {
    yield {
      user_id: `auth0|6501b000${number.toString(16).padStart(16, '0')}`,
      email: `user-${number}@load.example`,
      email_verified: true,
      name: `User ${number}`,
    } satisfies z.infer<typeof userSchema>
  }
}
