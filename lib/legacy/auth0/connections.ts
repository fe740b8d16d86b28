import 'server-only'
import { z } from 'zod'
import { LegacyRefusal } from '../record'
import { call, failure } from './management'
import { type Page, type Patience, pages } from './organization-pages'

/** A connection at the legacy provider: a database of passwords, or somebody's identity provider. */
export type LegacyConnection = {
  id: string
  name: string
  /** Such as `auth0`, `samlp`, `oidc` or `ad`. */
  strategy: string
  displayName: string
  /** As Auth0 returns them: with client secrets and private keys. Never print, log or store them. */
  options: Readonly<Record<string, unknown>>
}

/** A connection that members of an organization may use. */
export type EnabledConnection = {
  id: string
  strategy: string
  /** Whether a login makes a user a member. */
  joinsOnLogin: boolean
}

const connectionSchema = z
  .object({
    id: z.string().min(1),
    name: z.string().min(1),
    strategy: z.string().min(1),
    display_name: z.string().default(''),
    options: z.record(z.string(), z.unknown()).default({}),
  })
  .transform(
    ({ display_name, ...connection }): LegacyConnection => ({
      ...connection,
      displayName: display_name || connection.name,
    }),
  )
const enabledSchema = z
  .object({
    connection_id: z.string().min(1),
    assign_membership_on_login: z.boolean().default(false),
    connection: z.object({ strategy: z.string().default('') }),
  })
  .transform(
    (found): EnabledConnection => ({
      id: found.connection_id,
      strategy: found.connection.strategy,
      joinsOnLogin: found.assign_membership_on_login,
    }),
  )

function parsed<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer)
  if (!result.success) throw failure('unexpected_response', 'not what the API describes')
  return result.data
}

async function everyPage(found: AsyncGenerator<unknown[]>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const page of found) all.push(...page)
  return all
}

/** Auth0 enables at most a few connections for one organization. @throws {LegacyRefusal | ProviderFailure} */
export async function enabledConnections(
  organizationId: string,
  patience: Patience,
): Promise<EnabledConnection[]> {
  const found = pages(
    patience,
    (api): PromiseLike<Page> =>
      api.organizations.enabledConnections.list(organizationId, { per_page: 50 }),
  )
  return (await everyPage(found)).map((each) => parsed(enabledSchema, each))
}

/** @returns null if Auth0 has deleted it. @throws {LegacyRefusal | ProviderFailure} */
export const findConnection = async (
  id: string,
  patience: Patience,
): Promise<LegacyConnection | null> => {
  const answer = await orNull(patience(() => call((api) => api.connections.get(id))))
  return answer === null ? null : parsed(connectionSchema, answer)
}

/** The databases with passwords. @throws {LegacyRefusal | ProviderFailure} */
export async function databaseConnections(patience: Patience): Promise<LegacyConnection[]> {
  const found = pages(
    patience,
    (api): PromiseLike<Page> => api.connections.list({ strategy: ['auth0'], take: 100 }),
  )
  return (await everyPage(found)).map((each) => parsed(connectionSchema, each))
}

/** Whether the customer provisions users by SCIM. @throws {LegacyRefusal | ProviderFailure} */
export const hasScim = async (id: string, patience: Patience): Promise<boolean> =>
  (await orNull(patience(() => call((api) => api.connections.scimConfiguration.get(id))))) !== null

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof LegacyRefusal && error.status === 404) return null
    throw error
  }
}
