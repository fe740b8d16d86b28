import type { Organization } from 'stytch'
import { sandboxValues as consumerValues } from '../consumer/sandbox-values.ts'
import { ApiError } from '../errors.ts'
import { stableId } from '../ids.ts'
import type { Project } from '../project.ts'
import { startDiscovery } from './discovery-start.ts'
import { emailId, magicLinkFactor } from './email-factors.ts'
import { emptyMember, emptyOrganization } from './empty-records.ts'
import { logIn, loginOptions } from './member-login.ts'
import { assignRoles } from './member-roles.ts'
import type { MemberRecord } from './store.ts'

/** The values that Stytch documents for the B2B API of its test environment. */
export const b2bSandboxValues = {
  email: consumerValues.email,
  organizationId: 'organization-test-007d9d4a-deac-4a87-ba0a-e6e8afba4d4b',
  /** For `magic_links_token` and for `discovery_magic_links_token`. */
  magicLink: consumerValues.magicLink,
} as const

type SandboxAnswer = (project: Project, sent: Record<string, unknown>) => unknown

const isSandboxEmail = (value: unknown): boolean =>
  typeof value === 'string' && value.toLowerCase() === b2bSandboxValues.email

const memberMail =
  (extra: object): SandboxAnswer =>
  (project, sent) => {
    const isSandbox = sent.organization_id === b2bSandboxValues.organizationId
    if (!isSandbox || !isSandboxEmail(sent.email_address)) return undefined
    const { organization, record } = sandboxMembership(project)
    const { member } = record
    return { member_id: member.member_id, member, organization, ...extra }
  }

const discoveryMail: SandboxAnswer = (_, sent) =>
  isSandboxEmail(sent.email_address) ? {} : undefined

/** True for the token that works. The other two documented tokens are errors. */
function isSandboxToken(token: unknown): boolean {
  const { success, unableToAuth, notFound } = b2bSandboxValues.magicLink
  if (token === unableToAuth) throw new ApiError('unable_to_auth_magic_link')
  if (token === notFound) throw new ApiError('magic_link_not_found')
  return token === success
}

const linkToken: SandboxAnswer = async (project, sent) => {
  if (!isSandboxToken(sent.magic_links_token)) return undefined
  const { record } = sandboxMembership(project)
  const options = await loginOptions(project, sent, record)
  const { email } = b2bSandboxValues
  const answer = await logIn(project, record, [magicLinkFactor(email)], options)
  return { ...answer, method_id: emailId(email), reset_sessions: false }
}

const discoveryToken: SandboxAnswer = (project, sent) => {
  if (!isSandboxToken(sent.discovery_magic_links_token)) return undefined
  sandboxMembership(project)
  const { email } = b2bSandboxValues
  return startDiscovery(project, email, [magicLinkFactor(email)])
}

/** By SDK method. The backend API looks here first. */
const answers: Record<string, SandboxAnswer> = {
  'magicLinks.email.loginOrSignup': memberMail({ member_created: false }),
  'magicLinks.email.invite': memberMail({}),
  'magicLinks.authenticate': linkToken,
  'magicLinks.email.discovery.send': discoveryMail,
  'magicLinks.discovery.authenticate': discoveryToken,
}

/** Undefined: the request has no sandbox value. */
export async function b2bSandboxAnswer(
  project: Project,
  sdkMethod: string,
  sent: Record<string, unknown>,
): Promise<object | undefined> {
  return (await answers[sdkMethod]?.(project, sent)) as object | undefined
}

/** The organization and the member of the sandbox values. They exist from their first use to a reset. */
function sandboxMembership(project: Project): { organization: Organization; record: MemberRecord } {
  const { email, organizationId } = b2bSandboxValues
  const { organizations, members } = project.b2b.store
  const memberId = stableId('member', email)
  const now = project.clock.now()
  const organization =
    organizations.get(organizationId) ??
    emptyOrganization({ organizationId, name: 'Sandbox', slug: 'sandbox', now })
  const record = members.get(memberId) ?? emptyMember({ memberId, organizationId, email, now })
  record.member.email_address_verified = true
  assignRoles(organization, record)
  organizations.set(organizationId, organization)
  members.set(memberId, record)
  return { organization, record }
}
