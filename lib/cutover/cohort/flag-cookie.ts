import { sealData, unsealData } from 'iron-session'
import QuickLRU from 'quick-lru'
import { z } from 'zod'
import { config } from '../../config'
import type { Flow } from '../policy/document'
import type { Visitor } from './rules'

/** Names the flow of this device; sealed, so that it can be read and changed only here. */
export const flagCookieName = 'auth_flow'
const flagCookieSeconds = 365 * 24 * 60 * 60

const flow = z.enum(['stytch', 'legacy'])
const flagSchema = z.object({
  visitorId: z.uuid(),
  flow,
  pin: flow.nullable().default(null),
  organization: z.string().nullable().default(null),
})

export type Flag = {
  visitorId: string
  flow: Flow
  /** See {@link Visitor.pin}. */
  pin: Flow | null
  /** Remembered, so that somebody who signed out is shown the login of their team. */
  organization: string | null
}

/** The visitor id of somebody who is signed in and has no flag cookie: a UUID (version 8) out of who they are. */
export async function visitorIdOf(subject: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subject))
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5')
}

/** Opening a seal is the dearest part of a request; a browser sends the same one with each. */
const opened = new QuickLRU<string, Flag>({ maxSize: 5_000, maxAge: 600_000 })

/** What the cookie says; null for a new visitor and for a cookie that is not ours. */
export async function openFlag(sealed: string | undefined): Promise<Flag | null> {
  // iron-session ignores what follows its version: one seal would have endless spellings, each remembered.
  if (!sealed || sealed.length > 2_048 || !/^[^~]+~2$/.test(sealed)) return null
  const known = opened.get(sealed)
  if (known) return known
  // iron-session answers {} for a seal that it cannot open.
  const content = await unsealData(sealed, {
    password: config().cookieSecret,
    ttl: flagCookieSeconds,
  }).catch(() => null)
  const flag = flagSchema.safeParse(content).data ?? null
  // Only what opened: made-up cookies must not push the real ones out.
  if (flag) opened.set(sealed, flag)
  return flag
}

/** The cookie for a flag, ready for `cookies.set`. */
export async function flagCookie(flag: Flag) {
  return {
    name: flagCookieName,
    value: await sealData(flag, { password: config().cookieSecret, ttl: flagCookieSeconds }),
    httpOnly: true,
    secure: config().secureCookies,
    sameSite: 'lax' as const,
    path: '/',
    maxAge: flagCookieSeconds,
  }
}
