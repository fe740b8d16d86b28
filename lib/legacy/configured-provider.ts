import 'server-only'
import { auth0Provider } from './auth0/provider'
import { legacyConfig } from './config'
import { inHouseProvider } from './in-house/provider'
import type { LegacyProvider } from './provider'

const providers = {
  auth0: auth0Provider,
  'in-house': inHouseProvider,
} satisfies Record<string, LegacyProvider>

/** The configured legacy provider. */
export const legacyProvider = (): LegacyProvider => providers[legacyConfig().provider]
