import { cutoverConfig } from '../config'
import type { PreviewFacts } from './preview'

/** The rules that cannot work in this deployment, and what would switch them on. */
export function rulesOff(): PreviewFacts['off'] {
  const { trustedProxyHops, geoCountryHeader } = cutoverConfig()
  const hasProxy = trustedProxyHops > 0
  const noProxy = 'no proxy is declared, so a visitor could make it up'
  return {
    ...(hasProxy
      ? {}
      : { ipRanges: `The rule for IP ranges is off: ${noProxy}. Set TRUSTED_PROXY_HOPS.` }),
    ...(hasProxy && geoCountryHeader
      ? {}
      : {
          countries: hasProxy
            ? 'The rule for countries is off: no header tells the country. Set GEO_COUNTRY_HEADER.'
            : `The rule for countries is off: ${noProxy}. Set TRUSTED_PROXY_HOPS and GEO_COUNTRY_HEADER.`,
        }),
  }
}
