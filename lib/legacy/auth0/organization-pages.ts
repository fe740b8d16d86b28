import 'server-only'
import type { ManagementClient } from 'auth0'
import { call } from './management'
import {
  type OrganizationMember,
  type OrganizationRecord,
  organizationMember,
  organizationRecord,
} from './organizations'

/**
 * Organizations and their members, one page at a time, for tenants of any size. The pages have checkpoints, as Auth0
 * offers no more than 1,000 entries by page numbers.
 * https://auth0.com/docs/manage-users/organizations/configure-organizations/retrieve-organizations
 */

/** Runs each call, and may wait and repeat it. */
export type Patience = <T>(ask: () => Promise<T>) => Promise<T>

/** Auth0's largest page. */
const take = 100

export type Page = { data: unknown[]; hasNextPage(): boolean; getNextPage(): Promise<Page> }

/** Each page of a list. */
export async function* pages(
  patience: Patience,
  ask: (api: ManagementClient) => PromiseLike<Page>,
): AsyncGenerator<unknown[]> {
  let page = await patience(() => call(ask))
  for (;;) {
    yield page.data
    if (!page.hasNextPage()) return
    const last = page
    page = await patience(() => call(() => last.getNextPage()))
  }
}

/** All organizations of the tenant. @throws {LegacyRefusal | ProviderFailure} */
export async function* organizationPages(patience: Patience): AsyncGenerator<OrganizationRecord[]> {
  const found = pages(patience, (api) => api.organizations.list({ take }))
  for await (const page of found) yield page.map(organizationRecord)
}

/** All members of an organization, with their roles. @throws {LegacyRefusal | ProviderFailure} */
export async function* memberPages(
  organizationId: string,
  patience: Patience,
): AsyncGenerator<OrganizationMember[]> {
  const fields = 'user_id,email,name,roles'
  const found = pages(patience, (api) =>
    api.organizations.members.list(organizationId, { fields, take }),
  )
  for await (const page of found) yield page.map(organizationMember)
}
