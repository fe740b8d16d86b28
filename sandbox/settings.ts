/**
 * The addresses, keys and demo users of the stand-ins, and the app's environment in the sandbox.
 *
 * Everything in this file is public on purpose. The keys open only the two local servers, and the app
 * refuses them for every host except localhost.
 */

const port = (name: string, fallback: number): number => {
  const value = Number(process.env[name] ?? fallback)
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new Error(`${name} must be a port number from 1 to 65535; got "${process.env[name]}".`)
  }
  return value
}

export const ports = {
  app: port('PORT', 3000),
  stytch: port('STYTCH_STAND_IN_PORT', 4010),
  auth0: port('AUTH0_STAND_IN_PORT', 4020),
  database: port('DATABASE_PORT', 4030),
}

export const urls = {
  app: `http://localhost:${ports.app}`,
  stytch: `http://localhost:${ports.stytch}`,
  auth0: `http://localhost:${ports.auth0}`,
}

/** Whether the demo uses the in-house login in the place of Auth0. */
export const isInHouse = process.env.LEGACY_PROVIDER === 'in-house'

/** The project of the Stytch stand-in, a project for the consumer API. */
export const stytchProject = {
  projectId: 'project-test-5e1f0c57-7a5d-4a0c-9c5e-000000000001',
  secret: 'secret-test-cutover-sandbox-not-a-secret=',
  publicToken: 'public-token-test-5e1f0c57-7a5d-4a0c-9c5e-000000000002',
  /** A key of the workspace, for the Management API. */
  workspaceKey: {
    id: 'workspace-key-cutover-sandbox',
    secret: 'workspace-secret-cutover-sandbox-not-a-secret',
  },
  /** Stytch's setting `zero_downtime_session_migration_url`. */
  userinfoUrl: isInHouse ? `${urls.app}/api/legacy/userinfo` : `${urls.auth0}/userinfo`,
  /** The endpoint for webhooks about users, signed as Svix signs them. */
  webhook: {
    url: `${urls.app}/api/webhooks/stytch`,
    secret: 'whsec_Y3V0b3Zlci1zYW5kYm94LXdlYmhvb2stbm90LWEtc2VjcmV0',
  },
}

/** The second project of the Stytch stand-in, a project for the B2B API. It sends webhooks to the same address. */
export const stytchB2bProject = {
  projectId: 'project-test-5e1f0c57-7a5d-4a0c-9c5e-00000000b2b1',
  secret: 'secret-test-cutover-b2b-sandbox-not-a-secret=',
  publicToken: 'public-token-test-5e1f0c57-7a5d-4a0c-9c5e-00000000b2b2',
}

/** The webhook of the B2B project. Each endpoint at Stytch has a secret of its own. */
export const stytchB2bWebhook = {
  secret: 'whsec_Y3V0b3Zlci1zYW5kYm94LWIyYi13ZWJob29rLW5vdC1zZWNyZXQ=',
}

/** The tenant of the Auth0 stand-in. */
export const auth0Tenant = {
  /** Every Auth0 issuer ends with a slash. */
  issuer: `${urls.auth0}/`,
  audience: 'https://api.cutover.example/',
  connection: 'Username-Password-Authentication',
  connectionId: 'con_cutover000000001',
  web: { clientId: 'cutover-web', clientSecret: 'cutover-web-secret-not-a-secret-00000' },
  /** The application for teams. A login with it always has an organization. */
  team: { clientId: 'cutover-team', clientSecret: 'cutover-team-secret-not-a-secret-0000' },
  /** The webhook of a log stream. The demo reports changes of users to it. */
  logStream: {
    url: `${urls.app}/api/webhooks/auth0`,
    token: 'demo-log-stream-token',
    format: 'logs' as const,
  },
  management: { clientId: 'cutover-m2m', clientSecret: 'cutover-m2m-secret-not-a-secret-00000' },
}

export const demoPassword = 'demo-password'

export type DemoUser = {
  email: string
  name: string
  /** Auth0's user id, which is also the subject of its tokens. */
  subject: string
  emailVerified: boolean
  /** True for a user who has enrolled in multi-factor authentication at Auth0. */
  hasSecondFactor?: true
  /** True for a user who is already imported into Stytch, with the same password hash. */
  inStytch: boolean
  note: string
}

export const demoUsers: DemoUser[] = [
  {
    email: 'ada@example.com',
    name: 'Ada Lovelace',
    subject: 'auth0|6501a0000000000000000001',
    emailVerified: true,
    inStytch: true,
    note: 'operator, already imported into Stytch',
  },
  {
    email: 'grace@example.com',
    name: 'Grace Hopper',
    subject: 'auth0|6501a0000000000000000002',
    emailVerified: true,
    inStytch: false,
    note: 'not yet at Stytch',
  },
  {
    email: 'alan@example.com',
    name: 'Alan Turing',
    subject: 'auth0|6501a0000000000000000003',
    emailVerified: false,
    inStytch: false,
    note: 'email address not verified',
  },
  {
    email: 'barbara@acme.example',
    name: 'Barbara Liskov',
    subject: 'auth0|6501a0000000000000000004',
    emailVerified: true,
    inStytch: false,
    note: 'member of Acme',
  },
  {
    email: 'claude@acme.example',
    name: 'Claude Shannon',
    subject: 'auth0|6501a0000000000000000005',
    emailVerified: true,
    inStytch: false,
    note: 'member of Acme',
  },
  {
    email: 'dorothy@globex.example',
    name: 'Dorothy Vaughan',
    subject: 'auth0|6501a0000000000000000006',
    emailVerified: true,
    inStytch: false,
    note: 'member of Globex',
  },
  {
    email: 'frances@acme.example',
    name: 'Frances Allen',
    subject: 'auth0|6501a0000000000000000007',
    emailVerified: true,
    inStytch: false,
    note: 'member of Acme and of Globex',
  },
  {
    email: 'katherine@globex.example',
    name: 'Katherine Johnson',
    subject: 'auth0|6501a0000000000000000008',
    emailVerified: true,
    hasSecondFactor: true,
    inStytch: false,
    note: 'member of Globex, with a second factor',
  },
]

/** The roles at Auth0 that a member of an organization can have. */
export const auth0Roles = {
  admin: 'rol_admin00000000001',
  editor: 'rol_editor0000000001',
} as const

type Auth0Organization = {
  /** The display name. The key is the name that Auth0 writes into `org_name`. */
  name: string
  auth0Id: string
  /** The roles of each member, by e-mail address. */
  members: Record<string, (keyof typeof auth0Roles)[]>
}

/** The organizations of the tenant, by name. */
export const organizations: Record<'acme' | 'globex', Auth0Organization> = {
  acme: {
    name: 'Acme',
    auth0Id: 'org_acme000000000001',
    members: {
      'barbara@acme.example': ['admin'],
      'claude@acme.example': ['editor'],
      'frances@acme.example': ['editor'],
    },
  },
  globex: {
    name: 'Globex',
    auth0Id: 'org_globex0000000001',
    members: {
      'dorothy@globex.example': ['admin'],
      'frances@acme.example': ['editor'],
      'katherine@globex.example': ['editor'],
    },
  },
}

/** The hosts of single teams. Every browser resolves *.localhost to this machine. */
export const teamHosts = [`acme.localhost:${ports.app}`]

/** An organization that exists at Stytch alone. */
export const stytchOrganization = { name: 'Initech', slug: 'initech' }

/** A member who exists at Stytch alone, in two organizations. */
export const stytchMember = {
  email: 'edsger@acme.example',
  name: 'Edsger Dijkstra',
  /** The role in each organization, by slug. */
  roles: { acme: 'stytch_admin', initech: 'stytch_member' },
}

/** The app's environment in the demo and in the tests. */
export const appEnvironment: Record<string, string> = {
  SANDBOX: 'true',
  PORT: String(ports.app),
  APP_BASE_URL: urls.app,
  COOKIE_SECRET: 'cutover-sandbox-cookie-secret-not-a-secret',
  POLICY_READER_SECRET: 'cutover-sandbox-policy-reader-not-a-secret',
  CONTROL_TOKEN: 'demo-control-token',
  METRICS_TOKEN: 'demo-metrics-token',
  OPERATOR_EMAILS: 'ada@example.com',
  STYTCH_PROJECT_ENV: 'test',
  STYTCH_PROJECT_ID: stytchProject.projectId,
  STYTCH_SECRET: stytchProject.secret,
  STYTCH_PUBLIC_TOKEN: stytchProject.publicToken,
  STYTCH_API_URL: urls.stytch,
  STYTCH_B2B_PROJECT_ID: stytchB2bProject.projectId,
  STYTCH_B2B_SECRET: stytchB2bProject.secret,
  STYTCH_B2B_PUBLIC_TOKEN: stytchB2bProject.publicToken,
  TEAM_HOSTS: teamHosts.join(','),
  AUTH0_DOMAIN: urls.auth0,
  AUTH0_CLIENT_ID: auth0Tenant.web.clientId,
  AUTH0_CLIENT_SECRET: auth0Tenant.web.clientSecret,
  AUTH0_TEAM_CLIENT_ID: auth0Tenant.team.clientId,
  AUTH0_TEAM_CLIENT_SECRET: auth0Tenant.team.clientSecret,
  AUTH0_TEAM_SECRET: 'e4f50617283940a1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d3e4f50617283',
  AUTH0_SECRET: '5d3b1a0c9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4',
  AUTH0_AUDIENCE: auth0Tenant.audience,
  AUTH0_CONNECTION: auth0Tenant.connection,
  AUTH0_MANAGEMENT_CLIENT_ID: auth0Tenant.management.clientId,
  AUTH0_MANAGEMENT_CLIENT_SECRET: auth0Tenant.management.clientSecret,
  STYTCH_WEBHOOK_SECRET: stytchProject.webhook.secret,
  STYTCH_B2B_WEBHOOK_SECRET: stytchB2bWebhook.secret,
  AUTH0_WEBHOOK_SECRET: auth0Tenant.logStream.token,
  AUTH0_POLL_SECONDS: '',
  // Off, because the demo shows users who exist in Auth0 alone.
  FORWARD_WRITES: '',
  CRON_SECRET: 'demo-cron-secret',
  MIGRATIONS_PER_SECOND: '50',
  ORGANIZATION_ROLES: 'admin=stytch_admin,editor=editor',
  // Empty, so that the sandbox does not inherit these variables from the shell.
  LEGACY_PROVIDER: '',
  LEGACY_PROVIDER_NAME: '',
  AUTH0_CUSTOM_DOMAIN: '',
  AUTH0_SSO_DOMAINS: '',
  AUTH0_TEAM_SESSION_COOKIE: '',
  AUTH0_SESSION_ABSOLUTE_DURATION: '259200',
  AUTH0_SESSION_INACTIVITY_DURATION: '',
  AUTH0_MANAGEMENT_DOMAIN: '',
  MIRROR_WORKER: '',
  POLICY_URL: '',
  POLICY_FALLBACK: '',
  SOURCE_URL: '',
  NEXT_TELEMETRY_DISABLED: '1',
}

/** The variables that replace Auth0 by the in-house login, in the demo and in the tests. It has no teams. */
export const inHouseEnvironment: Record<string, string> = {
  LEGACY_PROVIDER: 'in-house',
  LEGACY_PROVIDER_NAME: 'Cutover ID',
  STYTCH_B2B_PROJECT_ID: '',
  STYTCH_B2B_SECRET: '',
  STYTCH_B2B_PUBLIC_TOKEN: '',
  STYTCH_B2B_WEBHOOK_SECRET: '',
  TEAM_HOSTS: '',
  LEGACY_SESSION_SECRET: 'cutover-sandbox-legacy-session-not-a-secret',
  LEGACY_MAIL_URL: `${urls.stytch}/_sandbox/inbox`,
}
