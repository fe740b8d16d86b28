import type { Organization } from 'stytch'
import { ApiError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Project } from '../project.ts'
import { requiredText } from '../request-fields.ts'
import { emptyOrganization } from './empty-records.ts'

/** The organization with this id, slug or external id. The real API accepts all three everywhere. */
export function findOrganization(project: Project, id: string): Organization | undefined {
  const { organizations } = project.b2b.store
  const all = [...organizations.values()]
  return (
    organizations.get(id) ??
    all.find(({ organization_slug }) => organization_slug === id) ??
    all.find(({ organization_external_id }) => organization_external_id === id)
  )
}

export function requireOrganization(project: Project, id: unknown): Organization {
  const organization = findOrganization(project, requiredText(id, 'organization_id'))
  if (!organization) throw new ApiError('organization_not_found')
  return organization
}

/** Refuses a slug that is malformed or taken. @param owner the organization that may keep it */
export function freeSlug(project: Project, slug: string, owner?: Organization): string {
  if (!/^[A-Za-z0-9._~-]{2,128}$/.test(slug)) throw new ApiError('invalid_organization_slug')
  for (const organization of project.b2b.store.organizations.values()) {
    if (organization !== owner && organization.organization_slug === slug) {
      throw new ApiError('organization_slug_already_used')
    }
  }
  return slug
}

/**
 * @param slug made from the name if undefined
 * @param change is made before the webhook is sent. If it throws, there is no organization.
 */
export function addOrganization(
  project: Project,
  name: string,
  slug?: string,
  change: (organization: Organization) => void = () => undefined,
): Organization {
  const made = slug ?? name.toLowerCase().replaceAll(/[^a-z0-9._~-]+/g, '-')
  const organization = emptyOrganization({
    organizationId: newId('organization'),
    name,
    slug: freeSlug(project, made),
    now: project.clock.now(),
  })
  change(organization)
  project.b2b.store.organizations.set(organization.organization_id, organization)
  project.b2b.webhooks.organizationChanged('CREATE', organization)
  return organization
}
