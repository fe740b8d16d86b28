import { legacyLane } from '../../legacy/lane'
import { stytchIssuer } from '../../stytch/issuer'
import { createRegistry, type Registry } from '../../token/registry'

let memo: Registry | undefined

/** The registry of both issuers. One per process, since it caches the fetched keys. */
export function registry(): Registry {
  memo ??= createRegistry([stytchIssuer(), legacyLane().issuer()])
  return memo
}
