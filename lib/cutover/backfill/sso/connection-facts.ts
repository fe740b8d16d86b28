import { X509Certificate } from 'node:crypto'
import type { LegacyConnection } from '../../../legacy/auth0/connections'

/**
 * What a customer's connection is, without anything secret. Auth0 returns client secrets and private keys among the
 * options, so every field is read by its name and its form. Other fields never reach the hand-over.
 */

/** The protocol at Stytch. `none`: Stytch cannot connect it. */
export type Protocol = 'saml' | 'oidc' | 'none'

export type ConnectionFacts = {
  name: string
  displayName: string
  /** Auth0's word for the kind of identity provider. */
  strategy: string
  protocol: Protocol
  /** The addresses that the identity provider itself publishes. */
  endpoints: Record<string, string>
  /** The domains whose users Auth0 sends to this connection. */
  domains: string[]
  /** The attributes of the identity provider by the field of the profile at Auth0. */
  attributes: Record<string, string>
  /** The certificates that the identity provider signs with, which are public. */
  certificates: { sha256: string; expires: string }[]
  idpInitiated: boolean
  signsRequests: boolean
  encryptsAssertions: boolean
}

/** https://auth0.com/docs/authenticate/identity-providers/enterprise-identity-providers */
const protocols: Record<string, Protocol> = {
  samlp: 'saml',
  adfs: 'saml',
  pingfederate: 'saml',
  oidc: 'oidc',
  okta: 'oidc',
  waad: 'oidc',
  'google-apps': 'oidc',
  ad: 'none',
  'auth0-adldap': 'none',
  custom: 'none',
  ip: 'none',
  office365: 'none',
  sharepoint: 'none',
}

/** Whether the connection is the identity provider of a customer. */
export const isEnterprise = (strategy: string): boolean => Object.hasOwn(protocols, strategy)

/** The options with an address of the identity provider. */
const endpointNames = [
  'signInEndpoint',
  'signOutEndpoint',
  'issuer',
  'discovery_url',
  'metadataUrl',
  'adfs_server',
]

export function connectionFacts({
  name,
  displayName,
  strategy,
  options,
}: LegacyConnection): ConnectionFacts {
  const endpoints = endpointNames.flatMap((key) => {
    const url = publicUrl(options[key])
    return url ? [[key, url] as const] : []
  })
  const idpInitiated = record(options.idpinitiated ?? options.idpInitiated)
  return {
    name,
    displayName,
    strategy,
    protocol: protocols[strategy] ?? 'none',
    endpoints: Object.fromEntries(endpoints),
    domains: domainsOf(options),
    attributes: attributesOf(options),
    certificates: certificatesOf(options),
    idpInitiated: idpInitiated.enabled === true,
    signsRequests: options.signSAMLRequest === true,
    encryptsAssertions:
      record(options.decryptionKey).key !== undefined || typeof options.decryptionKey === 'string',
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** An address without user, password, query and fragment, which may have keys. */
function publicUrl(value: unknown): string | null {
  if (typeof value !== 'string' || !URL.canParse(value)) return null
  const { protocol, host, pathname } = new URL(value)
  // An issuer is compared as a text, so it gets no slash that it does not have.
  const path = pathname === '/' && !value.endsWith('/') ? '' : pathname
  return protocol === 'https:' || protocol === 'http:' ? `${protocol}//${host}${path}` : null
}

const domain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/

function domainsOf({
  domain_aliases,
  tenant_domain,
  domain: own,
}: LegacyConnection['options']): string[] {
  const all = [domain_aliases, tenant_domain, own].flat().map((each) => String(each).toLowerCase())
  return [...new Set(all.filter((each) => domain.test(each)))]
}

/** The name of an attribute or of a field: a word, or a URI such as those of AD FS. */
const attributeName = /^(?:[A-Za-z][\w.-]{0,63}|(?:urn:|https?:\/\/)[\w:/.#-]{1,120})$/
/** Auth0's template for a claim of an OIDC token. */
const claimTemplate = /^\$\{context\.(?:tokenset|userinfo)\.([\w.-]+)\}$/

function attributesOf({
  fieldsMap,
  attribute_map,
}: LegacyConnection['options']): Record<string, string> {
  const given = { ...record(record(attribute_map).attributes), ...record(fieldsMap) }
  const all = Object.entries(given).flatMap(([field, value]) => {
    const [first] = [value].flat()
    const name = typeof first === 'string' ? (claimTemplate.exec(first)?.[1] ?? first) : ''
    return attributeName.test(name) && attributeName.test(field) ? [[field, name] as const] : []
  })
  return Object.fromEntries(all)
}

/** A certificate is read and described again, so that nothing beside it gets into the hand-over. */
function certificatesOf({
  signingCert,
  cert,
}: LegacyConnection['options']): ConnectionFacts['certificates'] {
  return [signingCert, cert].flat().flatMap((each) => {
    const found = typeof each === 'string' ? certificateOf(each) : null
    return found ? [found] : []
  })
}

/** @param text PEM, or Base64 of the whole PEM or of the DER, as Auth0 stores both */
function certificateOf(text: string): ConnectionFacts['certificates'][number] | null {
  for (const form of [text, Buffer.from(text, 'base64')]) {
    try {
      const { fingerprint256, validToDate } = new X509Certificate(form)
      return { sha256: fingerprint256, expires: validToDate.toISOString().slice(0, 10) }
    } catch {
      // Another form, or no certificate.
    }
  }
  return null
}
