import type { BrowserContext } from '@playwright/test'
import { sealData, unsealData } from 'iron-session'
import { appEnvironment, urls } from '../../sandbox/settings.ts'
import type { Flow } from './flow.ts'

/** The sealed cookie that identifies a visitor, and the flow of this visitor. */

export type Flag = {
  visitorId: string
  flow: Flow
  pin: Flow | null
  organization: string | null
  isNewSignUp?: boolean
}

const password = appEnvironment.COOKIE_SECRET as string
const year = 365 * 24 * 60 * 60

export const sealFlag = (flag: Partial<Flag>, secret = password) =>
  sealData(
    { visitorId: crypto.randomUUID(), flow: 'legacy', pin: null, organization: null, ...flag },
    { password: secret, ttl: year },
  )

export const openFlag = (sealed: string) => unsealData<Flag>(sealed, { password, ttl: year })

/** The cookie as the app sets it for a device that an operator pinned. */
export const pinned = (pin: Flow) => sealFlag({ flow: pin, pin })

export const havePin = async (context: BrowserContext, pin: Flow) =>
  context.addCookies([{ name: 'auth_flow', value: await pinned(pin), url: urls.app }])

/** The flag cookie that an answer sets, or undefined. */
export const newFlag = ({ headers }: { headers: Headers }): string | undefined =>
  headers
    .getSetCookie()
    .map((line) => /^auth_flow=([^;]*)/.exec(line)?.[1])
    .filter((value) => value !== undefined)
    .map((value) => decodeURIComponent(value))[0]
