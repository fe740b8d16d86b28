import { rbacPolicy } from './b2b/rbac-policy.ts'
import { projectName } from './dashboard.ts'
import { ApiError } from './errors.ts'
import { type FrontendCall, type FrontendRoute, frontendRoute as route } from './frontend-route.ts'
import type { Project } from './project.ts'

/** What differs between the two projects in the settings that the SDK loads. */
const consumerSettings = {
  vertical: 'CONSUMER',
  create_organization_enabled: false,
  rbac_policy: {
    roles: [{ role_id: 'stytch_user', description: '', permissions: [] }],
    resources: [],
  },
}

const b2bSettings = { vertical: 'B2B', create_organization_enabled: true, rbac_policy: rbacPolicy }

/** The settings that the SDK loads first. PKCE is required, as a real project can require it. */
function bootstrap(project: Project, { sent }: FrontendCall) {
  const isB2b = sent.public_token === project.b2b.publicToken
  if (!isB2b && sent.public_token !== project.publicToken) {
    throw new ApiError('unauthorized_credentials')
  }
  const { magic_links, passwords } = project.dashboard.sdk
  return {
    project_name: projectName,
    disable_sdk_watermark: false,
    cname_domain: null,
    email_domains: ['example.com'],
    captcha_settings: { enabled: false },
    pkce_required_for_email_magic_links: magic_links.pkce_required,
    pkce_required_for_password_resets: passwords.pkce_required_for_password_resets,
    pkce_required_for_oauth: true,
    pkce_required_for_sso: true,
    slug_pattern: null,
    password_config: null,
    dfp_protected_auth_enabled: false,
    dfp_protected_auth_mode: null,
    siwe_required_for_crypto_wallets: false,
    ...(isB2b ? b2bSettings : consumerSettings),
  }
}

/** The SDK calls these routes before it sends any credentials. */
export const openFrontendRoutes: FrontendRoute[] = [
  route('GET /sdk/v1/projects/bootstrap/:public_token', '(construction)', bootstrap),
  route('POST /sdk/v1/events', '(telemetry)', () => ({})),
]
