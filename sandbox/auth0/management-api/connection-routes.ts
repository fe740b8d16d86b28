import {
  connectionAnswer,
  createConnection,
  createConnectionSchema,
  deleteConnection,
  requireConnection,
  requireScim,
  scimConfiguration,
  updateConnection,
  updateConnectionSchema,
} from './connections.ts'
import { pageOf } from './pagination.ts'
import { readBody } from './request.ts'
import type { Call, Route } from './route-table.ts'

const connectionOf = ({ tenant, ids: [id = ''] }: Call) => requireConnection(tenant, id)

export const connectionRoutes: Route[] = [
  {
    route: 'GET connections',
    scope: 'read:connections',
    answer({ tenant, query }) {
      const strategies = query.getAll('strategy')
      const all = [...tenant.connections.connections.values()]
        .filter(({ strategy }) => strategies.length === 0 || strategies.includes(strategy))
        .map((each) => connectionAnswer(tenant, each))
      return pageOf(query, 'connections', all)
    },
  },
  {
    route: 'POST connections',
    scope: 'create:connections',
    status: 201,
    async answer({ tenant, ctx }) {
      const created = createConnection(tenant, await readBody(ctx, createConnectionSchema))
      return connectionAnswer(tenant, created)
    },
  },
  {
    route: 'GET connections/:id',
    scope: 'read:connections',
    answer: (call) => connectionAnswer(call.tenant, connectionOf(call)),
  },
  {
    route: 'PATCH connections/:id',
    scope: 'update:connections',
    async answer(call) {
      const connection = connectionOf(call)
      updateConnection(call.tenant, connection, await readBody(call.ctx, updateConnectionSchema))
      return connectionAnswer(call.tenant, connection)
    },
  },
  {
    route: 'DELETE connections/:id',
    scope: 'delete:connections',
    status: 202,
    answer(call) {
      deleteConnection(call.tenant, connectionOf(call))
      return { deleted_at: call.tenant.clock.iso() }
    },
  },
  {
    route: 'GET connections/:id/scim-configuration',
    scope: 'read:scim_config',
    answer: (call) => scimConfiguration(requireScim(connectionOf(call))),
  },
  {
    route: 'POST connections/:id/scim-configuration',
    scope: 'create:scim_config',
    status: 201,
    answer(call) {
      const connection = connectionOf(call)
      connection.hasScim = true
      return scimConfiguration(connection)
    },
  },
]
