import { legacyIssuer } from '../../legacy/issuer'
import { stytchIssuer } from '../../stytch/issuer'
import { createRegistry, type Registry } from '../../token/registry'

let memo: Registry | undefined

/** Whose tokens are accepted while both providers are in use. One per process: it holds the fetched keys. */
export function registry(): Registry {
  memo ??= createRegistry([stytchIssuer(), legacyIssuer()])
  return memo
}
