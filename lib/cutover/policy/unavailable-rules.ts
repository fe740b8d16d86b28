import { config } from '../../config'
import { cutoverConfig } from '../config'
import type { PreviewFacts } from './preview'

/** The rules that have no effect in this deployment, with the setting that enables each. */
export function unavailableRules(): PreviewFacts['unavailableRules'] {
  const { geoCountryHeader } = cutoverConfig()
  const hasProxy = config().trustedProxyHops > 0
  const noProxy = 'without a trusted proxy, visitors could forge the value'
  return {
    ...(hasProxy
      ? {}
      : { ipRanges: `The rule for IP ranges is off: ${noProxy}. Set TRUSTED_PROXY_HOPS.` }),
    ...(hasProxy && geoCountryHeader
      ? {}
      : {
          countries: hasProxy
            ? 'The rule for countries is off: no header with the country is configured. Set GEO_COUNTRY_HEADER.'
            : `The rule for countries is off: ${noProxy}. Set TRUSTED_PROXY_HOPS and GEO_COUNTRY_HEADER.`,
        }),
  }
}
