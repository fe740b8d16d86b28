import 'server-only'
import { auth0Records } from './auth0/records'
import { legacyConfig } from './config'
import { inHouseRecords } from './in-house/records'
import type { LegacyProvider, LegacyRecords } from './provider'

/** Apart from the provider, because a command of `npm run` cannot load the SDK of a login. */
const records = {
  auth0: auth0Records,
  'in-house': () => inHouseRecords,
} satisfies Record<string, LegacyProvider['records']>

/** The records of the configured provider. Call it only where this app may read and write them. */
export function legacyRecords(): LegacyRecords {
  const configured = records[legacyConfig().provider]()
  if (!configured) throw new Error('This app may not read the records of the legacy provider.')
  return configured
}
