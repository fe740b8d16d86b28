import type { BrowserContext } from '@playwright/test'
import { auth0 } from '../world/auth0.ts'
import { stytch } from '../world/stytch.ts'

/** The header by which a request in the sandbox tells the app another time. */
export const atOffset = (seconds: number) => ({
  'x-sandbox-clock-offset-seconds': String(seconds),
})

/** Moves the time of the app for this browser only, and the time of the stand-ins for everybody. */
export async function moveClock(context: BrowserContext, seconds: number): Promise<void> {
  await context.setExtraHTTPHeaders(atOffset(seconds))
  await Promise.all([stytch.setClock(seconds), auth0.setClock(seconds)])
}

/** The time in seconds, as tokens count it. */
export const epochSeconds = () => Math.floor(Date.now() / 1_000)
