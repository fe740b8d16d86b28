import { expect, type Page } from '@playwright/test'
import { auth0 } from '../world/auth0.ts'
import { database } from '../world/database.ts'
import { count, type Fault } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'

/** The ways in which a provider can fail during a migration. */

/** Seconds after which the app retries. Its first pause is 30 seconds, and up to a fifth more. */
export const afterBackOff = 61

export const stytchError = (status: number, type: string) => ({
  status,
  body: { status_code: status, error_type: type, error_message: type, error_url: '' },
})
export const html = '<!doctype html><title>Maintenance</title>'

export type Outage = {
  name: string
  reason: string
  at: typeof stytch | typeof auth0
  fault: Fault
}
export const atMigrate = (fault: Omit<Fault, 'path'>) => ({
  method: 'POST',
  path: '/v1/sessions/migrate',
  ...fault,
})
const atUserinfo = (fault: Omit<Fault, 'path'>) => ({ method: 'GET', path: '/userinfo', ...fault })

export const outages: Outage[] = [
  ...(
    [
      ['Stytch is down', 'stytch_unavailable', { drop: true }],
      ['Stytch is slow past the deadline', 'stytch_timeout', { delayMs: 4_500 }],
      ['Stytch answers 429', 'stytch_rate_limited', stytchError(429, 'too_many_requests')],
      ['Stytch answers 500', 'stytch_unavailable', stytchError(500, 'internal_server_error')],
      ['Stytch answers 502 with a page', 'stytch_unavailable', { status: 502, body: html }],
      ['Stytch answers with a page', 'stytch_unavailable', { status: 200, body: html }],
      ['Stytch answers with nothing', 'stytch_unexpected_response', { status: 200, body: {} }],
      ['Stytch answers with null', 'stytch_unexpected_response', { status: 200, body: 'null' }],
      [
        'Stytch got nothing usable from userinfo',
        'legacy_unexpected_response',
        stytchError(400, 'migrate_from_external_unexpected_response'),
      ],
      [
        'Stytch lost the address of userinfo',
        'stytch_unavailable',
        stytchError(400, 'migrate_from_external_missing_userinfo'),
      ],
    ] as [string, string, Omit<Fault, 'path'>][]
  ).map(([name, reason, fault]) => ({ name, reason, at: stytch, fault: atMigrate(fault) })),
  ...(
    [
      ['userinfo is down', 'legacy_unavailable', { drop: true }],
      ['userinfo is slow past the deadline', 'legacy_timeout', { delayMs: 4_500 }],
      ['userinfo answers 429', 'legacy_rate_limited', { status: 429 }],
      ['userinfo answers 500', 'legacy_unavailable', { status: 500 }],
      ['userinfo answers with a page', 'legacy_unexpected_response', { status: 200, body: html }],
      ['userinfo answers with nothing', 'legacy_unexpected_response', { status: 200, body: {} }],
    ] as [string, string, Omit<Fault, 'path'>][]
  ).map(([name, reason, fault]) => ({ name, reason, at: auth0, fault: atUserinfo(fault) })),
]

export const migrationEvents = () =>
  database.query<{ result: string; reason: string; lane: string; account_id: string | null }>(
    `select result, reason, lane, account_id from events where kind = 'migration' order by id`,
  )

/**
 * The stand-in logs a slow call when the call has ended. The app then revokes a session that Stytch opened
 * too late, by another call.
 */
export async function untilLateCallsEnded({
  at,
  fault,
}: Pick<Outage, 'at' | 'fault'>): Promise<void> {
  await expect.poll(() => count(at, fault.method as string, fault.path)).toBe(1)
  if (at === stytch) await expect.poll(() => count(stytch, 'POST', '/v1/sessions/revoke')).toBe(1)
}

/** The message of the dashboard when it has not carried the session over. */
export const stayed = (page: Page, reason: string) =>
  page.getByText('Your session was not migrated').filter({ hasText: reason })
