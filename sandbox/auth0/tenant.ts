import { randomBytes } from 'node:crypto'
import type { Provider } from 'oidc-provider'
import type { DemoUser } from '../settings.ts'
import { type ControlState, createControlState } from '../stand-in/control.ts'
import { createOidcStore, type OidcStore } from './authentication-api/oidc-store.ts'
import { createProvider } from './authentication-api/provider.ts'
import { createSigningKey, type SigningKey } from './keys.ts'
import { createUserStore, type UserStore } from './users.ts'

/** What one login fixed for all tokens that come out of it; kept by grant id. */
export type LoginContext = { organization: DemoUser['organization']; sid: string }

export type TenantSettings = {
  accessTokenSeconds: number
  /** Auth0's "Rotation Overlap Period": how long a used refresh token still works. */
  rotationOverlapSeconds: number
}

export type JwksMode = 'normal' | 'empty' | 'error' | 'slow'

/** A link in a mail: to set a password, or to verify the address. */
export type Ticket = {
  kind: 'set-password' | 'verify-email'
  userId: string
  expiresAt: number
  resultUrl?: string
  marksVerified: boolean
}

const defaults: TenantSettings = { accessTokenSeconds: 86_400, rotationOverlapSeconds: 0 }

/** Everything that the stand-in knows, in one place, so that a reset is complete. */
export type Tenant = {
  issuer: string
  appBaseUrl: string
  control: ControlState
  users: UserStore
  store: OidcStore
  logins: Map<string, LoginContext>
  tickets: Map<string, Ticket>
  settings: TenantSettings
  key: SigningKey
  /** Another key under the same `kid`: whoever trusts the `kid` alone is fooled. */
  strangerKey: () => Promise<SigningKey>
  jwksMode: JwksMode
  provider: Provider
  rotateKey(): Promise<void>
  createTicket(ticket: Omit<Ticket, 'expiresAt'>, seconds?: number): string
}

/** Creates the tenant with the demo users in it. */
export async function createTenant(options: {
  issuer: string
  appBaseUrl: string
  log: (line: string) => void
}): Promise<Tenant> {
  const control = createControlState({ onReset: reset })
  const settings = { ...defaults }
  const store = createOidcStore(() => settings.rotationOverlapSeconds)
  const users = createUserStore(control.clock.iso)
  const firstKey = await createSigningKey()
  const strangers = new Map<string, Promise<SigningKey>>()
  await users.seed()

  const tenant: Tenant = {
    issuer: options.issuer,
    appBaseUrl: options.appBaseUrl,
    control,
    users,
    store,
    logins: new Map(),
    tickets: new Map(),
    settings,
    key: firstKey,
    strangerKey() {
      const { kid } = tenant.key
      const key = strangers.get(kid) ?? createSigningKey(kid)
      strangers.set(kid, key)
      return key
    },
    jwksMode: 'normal',
    provider: undefined as unknown as Provider,
    async rotateKey() {
      signWith(await createSigningKey())
    },
    createTicket(ticket, seconds = 432_000) {
      const id = randomBytes(24).toString('base64url')
      tenant.tickets.set(id, { ...ticket, expiresAt: control.clock.now() + seconds * 1000 })
      const page = ticket.kind === 'set-password' ? 'reset-password' : 'verify-email'
      return `${options.issuer}u/${page}?ticket=${id}`
    },
  }

  // oidc-provider takes its keys once, so another key means another provider on
  // the same store: sessions and refresh tokens survive a rotation.
  function signWith(key: SigningKey) {
    tenant.key = key
    tenant.provider = createProvider(tenant)
    tenant.provider.on('server_error', (_ctx, error) => options.log(`auth0: ${error.stack}`))
  }

  async function reset() {
    store.clear()
    tenant.logins.clear()
    tenant.tickets.clear()
    Object.assign(settings, defaults)
    tenant.jwksMode = 'normal'
    signWith(firstKey)
    await users.seed()
  }

  signWith(firstKey)
  return tenant
}
