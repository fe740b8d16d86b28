import { auth0Lane } from './auth0/lane'
import { legacyConfig } from './config'
import { inHouseLane } from './in-house/lane'
import type { LegacyLane } from './provider'

const lanes = { auth0: auth0Lane, 'in-house': inHouseLane } satisfies Record<string, LegacyLane>

/** The part of the configured legacy provider that runs on the edge. */
export const legacyLane = (): LegacyLane => lanes[legacyConfig().provider]
