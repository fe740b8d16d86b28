import 'server-only'
import { cookies } from 'next/headers'
import type { z } from 'zod'
import { config } from '@/lib/config'
import { seal, unseal } from '@/lib/seal'

/** As long as a link of Stytch is valid. A code is valid for ten minutes only. In seconds. */
const pendingSeconds = 60 * 60

const attributes = () => ({
  httpOnly: true,
  sameSite: 'lax' as const,
  secure: config().secureCookies,
  path: '/',
})

/** A sealed cookie with a sign-in that waits for an email, so that it continues only in this browser. */
export const pendingCookie = <T extends object>(name: string, schema: z.ZodType<T>) => ({
  /** Null without a pending sign-in. */
  async read(): Promise<T | null> {
    const sealed = (await cookies()).get(name)?.value
    const opened = sealed ? await unseal<T>(sealed, pendingSeconds) : null
    return schema.safeParse(opened?.data).data ?? null
  },
  /** Replaces an earlier one. */
  async save(pending: T): Promise<void> {
    const value = await seal(pending, pendingSeconds)
    ;(await cookies()).set(name, value, { ...attributes(), maxAge: pendingSeconds - 60 })
  },
  async delete(): Promise<void> {
    ;(await cookies()).set(name, '', { ...attributes(), maxAge: 0 })
  },
})
