import { config } from '../../config'
import type { LegacyReading } from '../../legacy/session'
import { clientAddress } from '../../request/client-address'
import type { RequestKind } from '../../request/kind'
import type { SessionTokens } from '../../stytch/cookies'
import { readStytchSession, refreshOnce, type StytchReading } from '../../stytch/session'
import { type Credentials, readCredentials } from '../../token/credentials'
import type { Refusal } from '../../token/refusal'
import type { Registry } from '../../token/registry'
import { bucketOf, rolloutSalt } from '../cohort/bucket'
import { cohortOf, type FlagEntities } from '../cohort/flag'
import { type Flag, flagOf, visitorIdOf } from '../cohort/flag-cookie'
import type { Cohort, Visitor } from '../cohort/rules'
import { cutoverConfig } from '../config'
import type { PolicyInForce } from '../policy/document'
import { type Audience, consumers } from './audience'
import { decideVerdict, type Verdict } from './verdict'

/** The facts about one request, and the decisions that follow from them. */
export type Assessment = {
  audience: Audience
  /** The slug of the organization that the address names. Null for a page of no organization. */
  requestedOrganization: string | null
  verdict: Verdict
  cohort: Cohort
  /** The inputs of the cohort's decision. */
  entities: FlagEntities
  policy: PolicyInForce
  stytch: StytchReading
  legacy: LegacyReading
  /** Set when the Stytch session was refreshed: the response must set them as cookies. */
  tokens: SessionTokens | null
  /** The wanted content of the flag cookie. `flagIsNew` is true when the browser's cookie differs. */
  flag: Flag
  flagIsNew: boolean
  credentials: Credentials
  /** The reason why the credentials were refused. Null if some were accepted, or if the request had none. */
  refusal: Refusal | null
}

/** The part of the app that a request addresses. */
export type Addressee = { audience?: Audience; organization?: string | null }

/**
 * Gathers the facts about a request and decides. It runs in the middleware and again in Node. Both times it reads the
 * request itself: Node does not trust what the middleware decided.
 * It is runtime-neutral: it uses Web Crypto and `fetch` only.
 */
export async function assess(
  headers: Headers,
  kind: RequestKind,
  policy: PolicyInForce,
  now: Date,
  { audience = consumers, organization: requestedOrganization = null }: Addressee = {},
): Promise<Assessment> {
  const credentials = readCredentials(headers)
  const known = await flagOf(credentials, audience.flagCookie)
  const registry = audience.registry()

  let stytch = await readStytchSession(credentials, registry, now, audience.project)
  // An attacker can send made-up session tokens to a public page. Without an expired JWT of ours beside it, such a
  // token causes no call to Stytch.
  if (kind === 'public' && stytch.state === 'refreshable' && !stytch.expected) {
    stytch = { state: 'none', refusal: null }
  }
  // A valid Stytch session takes precedence, so the legacy cookie need not be opened.
  let legacy: LegacyReading =
    stytch.state === 'valid'
      ? { state: 'none', refusal: null }
      : await audience.readLegacy(credentials, registry, now)

  // Without a flag cookie, the subject of the session identifies the visitor. Otherwise five tabs that open at once,
  // or two calls of an API client, could get different flows. The new flag cookie keeps this visitor id.
  const session =
    stytch.state === 'valid' ? stytch.session : legacy.state === 'valid' ? legacy.session : null
  // A visitor of the teams who has chosen no organization follows the flow of the same visitor elsewhere.
  const elsewhere = audience === consumers ? null : await flagOf(credentials)
  const visitorId =
    elsewhere?.visitorId ??
    known?.visitorId ??
    (session ? await visitorIdOf(session.subject) : crypto.randomUUID())
  const pin = elsewhere?.pin ?? known?.pin ?? null
  // The address decides before the session, so that a team page never shows two logins to one team.
  const { organization, organizationId } = requestedOrganization
    ? { organization: requestedOrganization, organizationId: null }
    : (sessionOrganization(stytch, legacy) ?? {
        organization: known?.organization ?? null,
        organizationId: null,
      })
  // All members of an organization share one bucket, so that one team never sees two logins.
  const bucketId = organization ?? visitorId
  // A live legacy session shows that another person uses this device now. A session beside a Stytch session is dormant.
  const isOnLegacy = legacy.state === 'valid' && stytch.state === 'none'
  const isNewSignUp = known?.isNewSignUp === true && !isOnLegacy
  const bucket = await bucketOf(rolloutSalt, bucketId)
  const visitor = { ...placeOf(headers), pin, organization, organizationId, isNewSignUp, bucket }
  const entities = { id: bucketId, policy, visitor }
  const cohort = await cohortOf(entities)
  const keptOnLegacy = known?.keptOnLegacy ?? null
  const flag: Flag = {
    visitorId,
    flow: cohort.flow,
    pin,
    organization,
    isNewSignUp,
    keptOnLegacy,
  }
  const isKept = keptOnLegacy !== null && (await isKeptOnLegacy(legacy, keptOnLegacy))

  const decide = () =>
    decideVerdict({
      kind,
      flow: cohort.flow,
      carry: policy.carrySessions || isKept,
      stytch: stytch.state,
      legacy: legacy.state,
    })
  let verdict = decide()
  let tokens: SessionTokens | null = null
  if (verdict.action === 'refresh' && stytch.state === 'refreshable') {
    const refreshed = await refreshOnce(stytch, stytchEntry(registry), audience.project)
    stytch = refreshed.reading
    tokens = refreshed.tokens
    // The user ended the Stytch session, so its dormant legacy session ends too. After a rollback the flow is
    // `legacy`, and the legacy session counts again.
    const isEnded = stytch.state === 'none' && stytch.refusal === 'session_ended'
    if (isEnded && cohort.flow === 'stytch') legacy = { state: 'none', refusal: 'session_ended' }
    verdict = decide()
  }

  const refusal =
    verdict.lane === 'anonymous'
      ? (stytch.state === 'none' && stytch.refusal) ||
        (legacy.state === 'none' && legacy.refusal) ||
        null
      : null
  // The keys could not be fetched, so the token may be good. A 401 would make the client discard it.
  const isGivenUp = verdict.action === 'refuse' || verdict.action === 'login'
  if (refusal === 'keys_unavailable' && isGivenUp) verdict = { ...verdict, action: 'retry' }

  const flagIsNew =
    known?.flow !== flag.flow ||
    known.organization !== flag.organization ||
    known.isOutdated === true ||
    known.isNewSignUp !== flag.isNewSignUp
  const decided = { verdict, cohort, entities, policy, stytch, legacy, tokens }
  const facts = { audience, requestedOrganization, credentials }
  return { ...facts, ...decided, flag, flagIsNew, refusal }
}

/**
 * The organization of the session, on an address that names none. A legacy session without one is an answer too: this
 * user signed in as a person, and the organization of an earlier session does not count.
 */
function sessionOrganization(
  stytch: StytchReading,
  legacy: LegacyReading,
): Pick<Visitor, 'organization' | 'organizationId'> | null {
  if (stytch.state === 'valid' && stytch.session.organization) {
    const { slug, id } = stytch.session.organization
    return { organization: slug, organizationId: id }
  }
  return legacy.state === 'valid' ? legacy.session : null
}

/**
 * Whether this is the legacy session of the user who was sent to the legacy login for their second factor. It must be
 * newer than that, because a policy that accepts no legacy session must not accept a stolen one.
 */
const isKeptOnLegacy = async (
  legacy: LegacyReading,
  { user, since }: NonNullable<Flag['keptOnLegacy']>,
): Promise<boolean> =>
  legacy.state === 'valid' &&
  legacy.session.startedAt.getTime() >= since * 1_000 &&
  (await visitorIdOf(legacy.session.subject)) === user

function stytchEntry(registry: Registry) {
  for (const issuer of registry.values()) if (issuer.lane === 'stytch') return issuer
  throw new Error('No Stytch issuer is registered.')
}

/** Where the request comes from. The address and the country count only behind a declared proxy. */
function placeOf(headers: Headers): Pick<Visitor, 'appVersion' | 'ip' | 'country'> {
  const { geoCountryHeader } = cutoverConfig()
  const { trustedProxyHops } = config()
  return {
    appVersion: headers.get('x-app-version'),
    ip: clientAddress(headers),
    country:
      (trustedProxyHops > 0 && geoCountryHeader && headers.get(geoCountryHeader)?.toUpperCase()) ||
      null,
  }
}
