import { z } from 'zod'
import { emailAddress } from '@/lib/account/email-address'

/** The fields of the sign-in forms. Each function returns undefined for a field that cannot be used. */

const emailSchema = z.string().trim().pipe(emailAddress)

export const emailInvalid = 'Enter your email address, such as ada@example.com.'
export const codeInvalid = 'Enter the six digits from the email.'
export const noSession = 'The sign-in created no session. Try again.'

export const emailOf = (data: FormData): string | undefined =>
  emailSchema.safeParse(data.get('email')).data

/** The address as it was typed, to show it again. */
export const typedEmail = (data: FormData): string => String(data.get('email') ?? '').slice(0, 254)

export function codeOf(data: FormData): string | undefined {
  const code = String(data.get('code') ?? '').replace(/\s/g, '')
  return /^\d{6}$/.test(code) ? code : undefined
}

/** The tokens that a pre-built UI posts. Longer texts are no tokens, and become empty. */
const tokensSchema = z.object({
  sessionToken: z.string().max(512).catch(''),
  sessionJwt: z.string().max(8_192).catch(''),
})

export const postedTokensOf = (data: FormData) => tokensSchema.parse(Object.fromEntries(data))
