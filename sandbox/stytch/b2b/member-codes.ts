import { randomInt } from 'node:crypto'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { minutes } from '../request-fields.ts'
import type { SentCode } from './login-store.ts'
import type { MemberRecord } from './store.ts'

const smsLifetimeMs = 2 * 60_000

export function codeMinutes(sent: unknown): number {
  return minutes(sent, { min: 2, max: 15, fallback: 10, error: 'invalid_expiration_otp' })
}

/** Never 000000, the code of the sandbox values, so that a test can tell the two apart. */
export const newCode = (): string => String(randomInt(1, 1_000_000)).padStart(6, '0')

/** Mails a code. Only the newest code of an address works. */
export function mailCode(
  project: Project,
  input: { email: string; organizationId: string | undefined; lifetimeMinutes: number },
): void {
  const { email, organizationId, lifetimeMinutes } = input
  const code = newCode()
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
  const isSame = mailed?.organizationId === input.organizationId
  spend(project, isSame ? mailed : undefined, input.code)
}

/** The last code for the same member stops working. */
export function deliverSmsCode(project: Project, { member }: MemberRecord): void {
  const code = newCode()
  const expiresAt = project.clock.now() + smsLifetimeMs
  project.b2b.logins.smsCodes.set(member.member_id, { code, expiresAt, used: false })
  project.inbox.deliver({ to: member.mfa_phone_number, kind: 'sms_code', code })
}

export function spendSmsCode(project: Project, memberId: string, code: string): void {
  spend(project, project.b2b.logins.smsCodes.get(memberId), code)
}

function spend(project: Project, record: SentCode | undefined, code: string): void {
  if (record?.code !== code) throw new ApiError('otp_code_not_found')
  if (record.used || record.expiresAt <= project.clock.now()) {
    throw new ApiError('unable_to_auth_otp_code')
  }
  record.used = true
}
