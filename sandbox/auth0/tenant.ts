import { randomBytes } from 'node:crypto'
import type { TokenKeys } from '../stand-in/jwt.ts'
import { createSigningKey } from '../stand-in/signing-key.ts'
import { createState, type StandInState } from '../stand-in/state.ts'
import { createOidcStore, type OidcStore } from './authentication-api/oidc-store.ts'
import { type ConnectionStore, createConnectionStore } from './connections.ts'
import { createExportJobs, type ExportJobs } from './export-jobs.ts'
import { createLogStream, type LogStream, type LogStreamEndpoint } from './log-stream.ts'
import { createOrganizationStore, type OrganizationStore } from './organizations.ts'
import { createTickets, type Tickets } from './tickets.ts'
import { createUserStore, type UserStore } from './users.ts'

/** The claims that a login fixes for all of its tokens. */
export type LoginContext = {
  /** The id of the organization. Null for a login outside of organizations. */
  organization: string | null
  sid: string
}

/** Two of Auth0's policies. password-policy.ts has their rules. */
export type PasswordPolicy = 'low' | 'good'

type TenantSettings = {
  accessTokenSeconds: number
  /** Auth0's "Rotation Overlap Period": how long a used refresh token still works. */
  rotationOverlapSeconds: number
  passwordPolicy: PasswordPolicy
  /** Auth0's "Maximum session lifetime". */
  sessionHours: number
  /** Auth0's "Refresh Token Rotation" of the web client. */
  refreshTokenRotation: boolean
  /** The "Allowed Callback URLs" and "Allowed Logout URLs" of the web client. */
  callbackUrls: string[]
  logoutUrls: string[]
  /** The scopes of the machine client at the Management API, separated by spaces. */
  managementScope: string
  /** The "Signing Algorithm" of the app's API. */
  apiSigningAlgorithm: 'RS256' | 'HS256'
  /** Auth0's "Allow Organization Names in Authentication API": as a parameter, and as the claim `org_name`. */
  organizationNames: boolean
}

type JwksMode = 'normal' | 'empty' | 'error' | 'slow' | 'weak'

/** The main host, and the host of the team Acme. Each host must be registered for logins and logouts. */
const teamUrls = (appBaseUrl: string): string[] => [
  appBaseUrl,
  appBaseUrl.replace('://', '://acme.'),
]

const defaultsFor = (appBaseUrl: string): TenantSettings => ({
  accessTokenSeconds: 86_400,
  rotationOverlapSeconds: 0,
  passwordPolicy: 'low',
  sessionHours: 72,
  refreshTokenRotation: true,
  callbackUrls: [
    `${appBaseUrl}/auth/callback`,
    ...teamUrls(appBaseUrl).map((url) => `${url}/team/auth/callback`),
  ],
  logoutUrls: [
    appBaseUrl,
    `${appBaseUrl}/`,
    `${appBaseUrl}/login`,
    ...teamUrls(appBaseUrl).map((url) => `${url}/team`),
  ],
  managementScope: [
    'create:users read:users update:users delete:users create:user_tickets',
    'read:clients read:resource_servers read:tenant_settings read:roles create:roles',
    'create:organizations read:organizations update:organizations delete:organizations',
    ...['members', 'member_roles', 'connections', 'invitations'].map(
      (what) => `create:organization_${what} read:organization_${what} delete:organization_${what}`,
    ),
    'update:organization_connections read:connections create:connections update:connections',
    'delete:connections read:scim_config create:scim_config',
  ].join(' '),
  apiSigningAlgorithm: 'RS256',
  organizationNames: true,
})

/** Everything that the stand-in remembers, so that a reset forgets all of it. */
export type Tenant = StandInState & {
  /** Ends with a slash, as at Auth0. */
  issuer: string
  appBaseUrl: string
  users: UserStore
  organizations: OrganizationStore
  connections: ConnectionStore
  tickets: Tickets
  logStream: LogStream
  exportJobs: ExportJobs
  oidcStore: OidcStore
  /** By grant id. */
  logins: Map<string, LoginContext>
  settings: TenantSettings
  keys: TokenKeys
  jwksMode: JwksMode
  /** From now on, tokens are signed with a new key. */
  rotateKey(): Promise<void>
}

/** A tenant with the demo users. */
export async function createTenant(
  issuer: string,
  appBaseUrl: string,
  options: { logStream?: LogStreamEndpoint | null; log?: (line: string) => void } = {},
): Promise<Tenant> {
  const { logStream = null, log = console.error } = options
  const newKey = () => createSigningKey(randomBytes(12).toString('base64url'))
  const firstKey = await newKey()
  let strangerKey: ReturnType<typeof newKey> | undefined
  const keys: TokenKeys = {
    own: firstKey,
    stranger() {
      strangerKey ??= newKey()
      return strangerKey
    },
  }

  const defaults = defaultsFor(appBaseUrl)
  const state = createState(async () => {
    Object.assign(tenant.settings, defaults)
    tenant.oidcStore.clear()
    tenant.logins.clear()
    tenant.tickets.clear()
    tenant.exportJobs.clear()
    tenant.connections.seed()
    tenant.logStream.endpoint = logStream
    tenant.jwksMode = 'normal'
    keys.own = firstKey
    await tenant.users.seed()
    tenant.organizations.seed()
  })
  const settings = { ...defaults }
  const users = createUserStore(state.clock)
  const tenant: Tenant = {
    ...state,
    issuer,
    appBaseUrl,
    users,
    organizations: createOrganizationStore(state.clock, users),
    connections: createConnectionStore(),
    tickets: createTickets(issuer, state.clock),
    logStream: createLogStream(state.clock, log),
    exportJobs: createExportJobs(state.clock),
    oidcStore: createOidcStore(settings),
    logins: new Map(),
    settings,
    keys,
    jwksMode: 'normal',
    async rotateKey() {
      keys.own = await newKey()
    },
  }
  tenant.logStream.endpoint = logStream
  await tenant.users.seed()
  tenant.organizations.seed()
  return tenant
}
