'use server'

import { headers } from 'next/headers'
import { notFound, redirect } from 'next/navigation'
import { z } from 'zod'
import type { FormState } from '@/app/form-state'
import { legacyConfig } from '@/lib/legacy/config'
import { TooManyPasswords } from '@/lib/legacy/in-house/password-hash'
import { setPasswordByLink } from '@/lib/legacy/in-house/password-link'
import { countEvent } from '@/lib/rate-limit/count'
import { limits } from '@/lib/rate-limit/limits'
import { RateLimited, tooManyAttempts } from '@/lib/rate-limit/rate-limited'
import { clientAddress, clientNetwork } from '@/lib/request/client-address'

const inputSchema = z.object({
  token: z.string().max(2_048).catch(''),
  password: z.string().max(256).catch(''),
})

const messages = {
  link_refused:
    'This link was already used, or is older than a day. Ask our support for a new one.',
  password_too_short: 'Use at least eight characters, such as four random words.',
  too_many_passwords: 'We cannot set your password now. Try again in a moment.',
}

/** Sets a password by a mailed link. */
export async function setPassword(_: FormState, data: FormData): Promise<FormState> {
  if (legacyConfig().provider !== 'in-house') notFound()
  const { token, password } = inputSchema.parse(Object.fromEntries(data))
  try {
    await countEvent([limits.tokenByNetwork, clientNetwork(clientAddress(await headers()))])
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error
    return { problem: { code: error.code, message: tooManyAttempts(error) } }
  }
  const problem = await setPasswordByLink(token, password).catch(
    (error: unknown): 'too_many_passwords' => {
      if (error instanceof TooManyPasswords) return error.code
      throw error
    },
  )
  if (problem) return { problem: { code: problem, message: messages[problem] } }
  redirect('/auth/password?done=1')
}
