'use server'

import { notFound, redirect } from 'next/navigation'
import { z } from 'zod'
import type { FormState } from '@/app/form-state'
import { invalidInput } from '@/app/login/sign-in-problem'
import { emailInvalid, emailOf, typedEmail } from '@/app/login/typed-input'
import { signInInHouse } from '@/lib/cutover/session/in-house-sign-in'
import { legacyConfig } from '@/lib/legacy/config'
import { safeReturnTo } from '@/lib/request/return-to'

const passwordSchema = z.string().min(1).max(256)

/** Signs a user in at the in-house login. Next refuses a post from another site. */
export async function signInAtLegacy(_: FormState, data: FormData): Promise<FormState> {
  if (legacyConfig().provider !== 'in-house') notFound()
  const email = emailOf(data)
  if (!email) return invalidInput(emailInvalid, typedEmail(data))
  const password = passwordSchema.safeParse(data.get('password'))
  if (!password.success) return invalidInput('Enter your password.', email)
  const problem = await signInInHouse(email, password.data)
  if (problem) return { problem, email }
  redirect(safeReturnTo(data.get('returnTo')))
}
