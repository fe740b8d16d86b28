import { z } from 'zod'
import { type Connection, isDatabaseConnection } from '../connections.ts'
import type { Tenant } from '../tenant.ts'
import { badRequest, ManagementError } from './errors.ts'

const options = z.record(z.string(), z.unknown())
export const createConnectionSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,126}[A-Za-z0-9])?$/),
  strategy: z.string().min(1),
  display_name: z.string().max(128).optional(),
  options: options.optional(),
})
export const updateConnectionSchema = createConnectionSchema
  .omit({ name: true, strategy: true })
  .partial()

export function requireConnection({ connections }: Tenant, id: string): Connection {
  const connection = connections.connections.get(id)
  if (connection) return connection
  const message = 'The connection does not exist.'
  throw new ManagementError(404, 'Not Found', message, 'inexistent_connection')
}

/** The connection as the API returns it. The tenant's settings have the password policy of the database connection. */
export const connectionAnswer = (tenant: Tenant, connection: Connection) => {
  const { hasScim: _, ...answer } = connection
  if (!isDatabaseConnection(connection)) return answer
  const { passwordPolicy } = tenant.settings
  return { ...answer, options: { ...connection.options, passwordPolicy } }
}

export function createConnection(
  { connections }: Tenant,
  { name, strategy, display_name, options = {} }: z.infer<typeof createConnectionSchema>,
): Connection {
  if (strategy === 'auth0') {
    const message = 'The stand-in has one database connection.'
    throw new ManagementError(501, 'Not Implemented', message, 'not_implemented')
  }
  if ([...connections.connections.values()].some((each) => each.name === name)) {
    const message = 'A connection with the same name already exists'
    throw new ManagementError(409, 'Conflict', message, 'connection_conflict')
  }
  return connections.add({ name, strategy, options, ...(display_name && { display_name }) })
}

/** Replaces the options, as Auth0 does. Of those for passwords, the stand-in follows `passwordPolicy` alone. */
export function updateConnection(
  { settings }: Tenant,
  connection: Connection,
  { display_name, options }: z.infer<typeof updateConnectionSchema>,
): void {
  if (display_name !== undefined) connection.display_name = display_name
  if (!options) return
  if (isDatabaseConnection(connection)) {
    const { passwordPolicy = 'low' } = options
    if (passwordPolicy !== 'low' && passwordPolicy !== 'good') {
      const message = 'The stand-in has the password policies low and good.'
      throw new ManagementError(501, 'Not Implemented', message, 'not_implemented')
    }
    settings.passwordPolicy = passwordPolicy
  }
  connection.options = options
}

export function deleteConnection({ connections, organizations }: Tenant, { id }: Connection): void {
  if (isDatabaseConnection({ id })) throw badRequest('The stand-in keeps its database connection.')
  connections.connections.delete(id)
  for (const organization of organizations.organizations.values()) {
    organization.connections = organization.connections.filter((each) => each.connection_id !== id)
  }
}

/** Auth0's default configuration. Its mapping is shortened. */
export const scimConfiguration = ({ id, name, strategy }: Connection) => ({
  connection_id: id,
  connection_name: name,
  strategy,
  tenant_name: 'cutover',
  user_id_attribute: 'externalId',
  mapping: [{ auth0: 'email', scim: 'emails[primary eq true].value' }],
  created_at: new Date(0).toISOString(),
  updated_on: new Date(0).toISOString(),
})

export function requireScim(connection: Connection): Connection {
  if (connection.hasScim) return connection
  const message = 'Not Found'
  throw new ManagementError(404, 'Not Found', message, 'not_found')
}
