/** The product has no teams, so an organization of the policy has only the name that the operator wrote. */
import type { Policy } from './document'

export const withOrganizationAliases = async <T extends Policy>(policy: T): Promise<T> => policy
