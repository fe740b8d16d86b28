import 'server-only'
import type { Management, ManagementClient } from 'auth0'
import { z } from 'zod'
import { normalizedEmail } from '../../account/email-address'
import { LegacyRefusal } from '../record'
import { call, failure } from './management'

/** An organization at the legacy provider, with its settings. */
export type OrganizationRecord = { id: string; name: string; displayName: string }

export type OrganizationRole = { id: string; name: string }

/** A user in an organization. */
export type OrganizationMember = {
  /** The user's id at the legacy provider, which is also the subject of the user's tokens. */
  userId: string
  email: string
  name: string
  roles: OrganizationRole[]
}

/** Auth0's largest page. */
const pageSize = 100

const roleSchema = z.object({ id: z.string().min(1), name: z.string().min(1) })
const organizationSchema = roleSchema.extend({ display_name: z.string().default('') })
const memberSchema = z.object({
  user_id: z.string().min(1),
  email: z.string().default(''),
  name: z.string().default(''),
  roles: z.array(roleSchema).default([]),
})

function parsed<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer)
  if (!result.success) throw failure('unexpected_response', 'not what the API describes')
  return result.data
}

/** @throws {ProviderFailure} when the answer is not what Auth0 describes */
export const organizationRecord = (answer: unknown): OrganizationRecord => {
  const { id, name, display_name } = parsed(organizationSchema, answer)
  return { id, name, displayName: display_name || name }
}

type Page = {
  data: unknown[]
  hasNextPage(): boolean
  getNextPage(): Promise<Page>
}

/** Every page of a list. Each page has a deadline of its own. */
async function allPages(ask: (api: ManagementClient) => PromiseLike<Page>): Promise<unknown[]> {
  let page = await call(ask)
  const items = [...page.data]
  while (page.hasNextPage()) {
    const last = page
    page = await call(() => last.getNextPage())
    items.push(...page.data)
  }
  return items
}

/** Null where the provider answers that there is none. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof LegacyRefusal && error.status === 404) return null
    throw error
  }
}

/**
 * Finds an organization by its id or its name.
 * @returns null when it does not exist
 * @throws {LegacyRefusal | ProviderFailure} as all functions here
 */
export async function organizationOf(idOrName: string): Promise<OrganizationRecord | null> {
  const answer = await orNull<Management.Organization>(
    call((api) =>
      idOrName.startsWith('org_')
        ? api.organizations.get(idOrName)
        : api.organizations.getByName(idOrName),
    ),
  )
  return answer && organizationRecord(answer)
}

/** The organizations of the tenant. @returns one page, with `hasMore` for further ones */
export async function listOrganizations(): Promise<{
  organizations: OrganizationRecord[]
  hasMore: boolean
}> {
  const page: Page = await call((api) => api.organizations.list({ take: pageSize }))
  return { organizations: page.data.map(organizationRecord), hasMore: page.hasNextPage() }
}

/** Counts the members of an organization, up to one page. */
export async function countMembers(
  organizationId: string,
): Promise<{ count: number; hasMore: boolean }> {
  const page: Page = await call((api) =>
    api.organizations.members.list(organizationId, { fields: 'user_id', take: pageSize }),
  )
  return { count: page.data.length, hasMore: page.hasNextPage() }
}

/** The members of an organization with their roles. */
export async function membersOf(organizationId: string): Promise<OrganizationMember[]> {
  const fields = 'user_id,email,name,roles'
  const members = await allPages((api) =>
    api.organizations.members.list(organizationId, { fields, take: pageSize }),
  )
  return members.map(organizationMember)
}

/** @throws {ProviderFailure} when the answer is not what Auth0 describes */
export function organizationMember(answer: unknown): OrganizationMember {
  const { user_id, email, name, roles } = parsed(memberSchema, answer)
  return { userId: user_id, email: normalizedEmail(email), name, roles }
}

/** @throws {LegacyRefusal} also when the user is not a member */
export async function rolesOfMember(
  organizationId: string,
  userId: string,
): Promise<OrganizationRole[]> {
  const roles = await allPages((api) =>
    api.organizations.members.roles.list(organizationId, userId, { per_page: pageSize }),
  )
  return roles.map((role) => parsed(roleSchema, role))
}

/** The organizations that a user is a member of. Empty for a user who does not exist. */
export async function organizationsOf(userId: string): Promise<OrganizationRecord[]> {
  const organizations = await orNull(
    allPages((api) => api.users.organizations.list(userId, { per_page: pageSize })),
  )
  return (organizations ?? []).map(organizationRecord)
}

/** Whether a user is a member now. A token only says that the user was a member when it was issued. */
export async function isMember(organizationId: string, userId: string): Promise<boolean> {
  const organizations = await organizationsOf(userId)
  return organizations.some(({ id }) => id === organizationId)
}

/** Makes a user a member. A member stays one, and keeps the roles. */
export async function addMember(organizationId: string, userId: string): Promise<void> {
  await call((api) => api.organizations.members.create(organizationId, { members: [userId] }))
}

/** Gives a member more roles. Auth0 refuses an empty list. */
export async function assignRoles(
  organizationId: string,
  userId: string,
  roleIds: readonly string[],
): Promise<void> {
  if (roleIds.length === 0) return
  const roles = [...roleIds]
  await call((api) => api.organizations.members.roles.assign(organizationId, userId, { roles }))
}

/** Takes roles from a member. Auth0 refuses an empty list. */
export async function removeRoles(
  organizationId: string,
  userId: string,
  roleIds: readonly string[],
): Promise<void> {
  if (roleIds.length === 0) return
  const roles = [...roleIds]
  await call((api) => api.organizations.members.roles.delete(organizationId, userId, { roles }))
}

/** The roles of the tenant with these names. */
export async function rolesNamed(names: readonly string[]): Promise<OrganizationRole[]> {
  if (names.length === 0) return []
  const roles = await allPages((api) => api.roles.list({ per_page: pageSize }))
  return roles.map((role) => parsed(roleSchema, role)).filter(({ name }) => names.includes(name))
}

/** Ends a membership. Succeeds for a user who is not a member. */
export async function removeMember(organizationId: string, userId: string): Promise<void> {
  await call((api) => api.organizations.members.delete(organizationId, { members: [userId] }))
}
