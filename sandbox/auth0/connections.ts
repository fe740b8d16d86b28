import { auth0Tenant } from '../settings.ts'
import { newId } from './organizations.ts'

/** A connection of the tenant. Users log in with the database connection only. The others are records. */
export type Connection = {
  id: string
  name: string
  /** Such as `auth0`, `samlp`, `oidc`, `okta`, `waad` or `ad`. */
  strategy: string
  display_name?: string
  /** As they were sent, secrets included: Auth0 returns those too. */
  options: Record<string, unknown>
  /** Whether the customer provisions users by SCIM. */
  hasScim: boolean
}

export type ConnectionStore = ReturnType<typeof createConnectionStore>

/** The connections, in memory. */
export function createConnectionStore() {
  const connections = new Map<string, Connection>()
  const store = {
    connections,

    /** Replaces everything with the database connection. */
    seed() {
      connections.clear()
      const { connectionId: id, connection: name } = auth0Tenant
      store.add({ id, name, strategy: 'auth0' })
    },

    add(input: Pick<Connection, 'name' | 'strategy'> & Partial<Connection>): Connection {
      const connection = { id: newId('con'), options: {}, hasScim: false, ...input }
      connections.set(connection.id, connection)
      return connection
    },
  }
  store.seed()
  return store
}

export const isDatabaseConnection = ({ id }: Pick<Connection, 'id'>): boolean =>
  id === auth0Tenant.connectionId
