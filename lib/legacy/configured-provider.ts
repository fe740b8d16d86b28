import 'server-only'
import { auth0Provider } from './auth0/provider'
import { legacyConfig } from './config'
import { inHouseProvider } from './in-house/provider'
import type { LegacyProvider, LegacyRecords } from './provider'

const providers = {
  auth0: auth0Provider,
  'in-house': inHouseProvider,
} satisfies Record<string, LegacyProvider>

/** The configured legacy provider. */
export const legacyProvider = (): LegacyProvider => providers[legacyConfig().provider]

/** The records of users at the legacy provider. Call it only where the mirror is on. */
export function legacyRecords(): LegacyRecords {
  const records = legacyProvider().records()
  if (!records) throw new Error('This app may not read the records of the legacy provider.')
  return records
}
