import { randomInt } from 'node:crypto'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { minutes } from '../request-fields.ts'

export function codeMinutes(sent: unknown): number {
  return minutes(sent, { min: 2, max: 15, fallback: 10, error: 'invalid_expiration_otp' })
}

/** Mails a code. Only the newest code of an address works. */
export function mailCode(
  project: Project,
  input: { email: string; organizationId: string | undefined; lifetimeMinutes: number },
): void {
  const { email, organizationId, lifetimeMinutes } = input
  // Never 000000, the code of the sandbox values, so that a test can tell the two apart.
  const code = String(randomInt(1, 1_000_000)).padStart(6, '0')
  project.b2b.logins.codes.set(email, {
    code,
    organizationId,
    expiresAt: project.clock.now() + lifetimeMinutes * 60_000,
    used: false,
  })
  project.inbox.deliver({ to: email, kind: 'email_code', code })
}

/** Refuses a wrong code, and a code that was sent for another organization. */
export function spendCode(
  project: Project,
  input: { email: string; organizationId: string | undefined; code: string },
): void {
  const mailed = project.b2b.logins.codes.get(input.email)
  const isMatch = mailed?.code === input.code && mailed.organizationId === input.organizationId
  if (!isMatch) throw new ApiError('otp_code_not_found')
  if (mailed.used || mailed.expiresAt <= project.clock.now()) {
    throw new ApiError('unable_to_auth_otp_code')
  }
  mailed.used = true
}
