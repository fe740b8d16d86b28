import { z } from 'zod'
import {
  type ControlAnswer,
  type ControlRoutes,
  controlError,
  ok,
  withBody,
} from '../../stand-in/control-routes.ts'
import { emailPattern } from '../../stand-in/email-address.ts'
import { forgeryFields } from '../../stand-in/jwt.ts'
import { ApiError } from '../errors.ts'
import { newId, stableId } from '../ids.ts'
import type { Project } from '../project.ts'
import { lockMember, unlockMember } from './member-lock.ts'
import { readRoles } from './member-profile.ts'
import { signMemberSessionJwt } from './member-session-jwt.ts'
import { revokeMemberSessions, startMemberSession } from './member-sessions.ts'
import { addMember, allMembersOf, findMemberByEmail, memberChanged } from './members.ts'
import { findOrganization } from './organizations.ts'

const email = z.string().regex(emailPattern).toLowerCase()
/** An id, a slug or an external id. */
const organization = z.string().min(1)

const sessionSchema = z.strictObject({
  email,
  organization,
  minutes: z.int().min(5).max(527_040).default(60),
  ...forgeryFields,
})

const memberSchema = z.strictObject({
  email,
  organization,
  status: z.enum(['active', 'pending', 'invited', 'deleted']).optional(),
  locked: z.boolean().optional(),
  mfa_enrolled: z.boolean().optional(),
  mfa_phone_number: z.string().optional(),
  totp: z.boolean().optional(),
  roles: z.array(z.string()).optional(),
})

/** The control routes of the B2B project. */
export function b2bControlRoutes(project: Project): ControlRoutes {
  return {
    'POST /_sandbox/b2b/session': withBody(sessionSchema, (input) =>
      withErrorsOfApi(() => openSession(project, input)),
    ),
    'GET /_sandbox/b2b/organizations': () => ok(listOrganizations(project)),
    'PUT /_sandbox/b2b/member': withBody(memberSchema, (input) =>
      withErrorsOfApi(() => changeMember(project, input)),
    ),
  }
}

/** A control route names an error as the API does. */
async function withErrorsOfApi(answer: () => ControlAnswer | Promise<ControlAnswer>) {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof ApiError) return controlError(error.status, error.type, error.message)
    throw error
  }
}

const unknownOrganization = (id: string) =>
  controlError(404, 'organization_not_found', `No organization is called ${id}.`)

/** Opens a session as if the member had just followed a magic link. The JWT may be forged. */
async function openSession(project: Project, input: z.infer<typeof sessionSchema>) {
  const target = findOrganization(project, input.organization)
  if (!target) return unknownOrganization(input.organization)
  const record =
    findMemberByEmail(project, target, input.email) ??
    addMember(project, target, input.email, ({ member }) => {
      member.email_address_verified = true
    })
  const email_id = stableId('email', input.email)
  const factor = {
    type: 'magic_link',
    delivery_method: 'email',
    email_factor: { email_id, email_address: input.email },
  }
  const { member_session, session_token } = await startMemberSession(project, record, [factor], {
    minutes: input.minutes,
    claims: {},
  })
  const session_jwt = await signMemberSessionJwt(project, member_session, input)
  return ok({ session_token, session_jwt })
}

function changeMember(project: Project, input: z.infer<typeof memberSchema>) {
  const target = findOrganization(project, input.organization)
  if (!target) return unknownOrganization(input.organization)
  const record = allMembersOf(project, target)
    .filter(({ member }) => member.email_address === input.email)
    .at(-1)
  if (!record) return controlError(404, 'member_not_found', `No member has ${input.email}.`)
  const { member } = record
  const { status, locked, mfa_enrolled, mfa_phone_number, totp, roles } = input
  if (roles) record.directRoles = readRoles(project, target, roles) ?? []
  if (status) member.status = status
  if (status === 'deleted') revokeMemberSessions(project, member.member_id)
  if (locked === true) lockMember(project, record)
  if (locked === false) unlockMember(record)
  if (mfa_enrolled !== undefined) member.mfa_enrolled = mfa_enrolled
  if (mfa_phone_number !== undefined) {
    member.mfa_phone_number = mfa_phone_number
    member.mfa_phone_number_verified = mfa_phone_number !== ''
  }
  if (totp !== undefined) member.totp_registration_id = totp ? newId('member-totp') : ''
  memberChanged(project, target, record)
  return ok({ member })
}

function listOrganizations(project: Project) {
  const sessions = [...project.b2b.store.sessions.values()]
  return [...project.b2b.store.organizations.values()].map((entry) => ({
    id: entry.organization_id,
    name: entry.organization_name,
    slug: entry.organization_slug,
    external_id: entry.organization_external_id ?? null,
    members: allMembersOf(project, entry).map(({ member }) => ({
      id: member.member_id,
      email: member.email_address,
      external_id: member.external_id ?? null,
      status: member.status,
      locked: member.is_locked,
      roles: member.roles.map(({ role_id }) => role_id),
      sessions: sessions.filter(({ session }) => session.member_id === member.member_id).length,
    })),
  }))
}
