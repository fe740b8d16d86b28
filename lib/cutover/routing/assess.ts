import { type LegacyReading, readLegacySession } from '../../legacy/session'
import type { RequestKind } from '../../request/kind'
import type { SessionTokens } from '../../stytch/cookies'
import { readStytchSession, refreshOnce, type StytchReading } from '../../stytch/session'
import { type Credentials, readCredentials } from '../../token/credentials'
import type { Refusal } from '../../token/refusal'
import { bucketOf } from '../cohort/bucket'
import { cohortOf } from '../cohort/flag'
import { type Flag, flagCookieName, openFlag, visitorIdOf } from '../cohort/flag-cookie'
import type { Cohort, Visitor } from '../cohort/rules'
import { cutoverConfig } from '../config'
import type { PolicyInForce } from '../policy/document'
import { registry } from './registry'
import { decideVerdict, type Verdict } from './verdict'

/** Two rollouts with one salt would always pick the same people. */
const rolloutSalt = 'cutover-1'

/** Everything that is known about one request, and what follows from it. */
export type Assessment = {
  verdict: Verdict
  cohort: Cohort
  policy: PolicyInForce
  stytch: StytchReading
  legacy: LegacyReading
  /** New tokens, when the Stytch session was refreshed: the browser must get them. */
  tokens: SessionTokens | null
  /** What the flag cookie should say; `flagIsNew` when the browser's says something else. */
  flag: Flag
  flagIsNew: boolean
  credentials: Credentials
  /** Why the credentials that came were not accepted, if none was. */
  refusal: Refusal | null
}

/**
 * Gathers the facts about a request and decides. Runs in the middleware and again in Node, from the
 * request itself both times: nothing that the middleware wrote down is believed.
 * Runtime-neutral: Web Crypto and `fetch` only.
 */
export async function assess(
  headers: Headers,
  kind: RequestKind,
  policy: PolicyInForce,
  now: Date,
): Promise<Assessment> {
  const credentials = readCredentials(headers)
  const known = await openFlag(credentials.cookies.get(flagCookieName))

  let stytch = await readStytchSession(credentials, registry(), now)
  // Anybody can send a made-up session token to a public page: only one whose JWT was ours is asked about.
  if (kind === 'public' && stytch.state === 'refreshable' && !stytch.expected) {
    stytch = { state: 'none', refusal: null }
  }
  // A valid Stytch session wins whatever else is there, so the legacy cookie is then not even opened.
  let legacy: LegacyReading =
    stytch.state === 'valid'
      ? { state: 'none', refusal: null }
      : await readLegacySession(credentials, registry(), now)

  // Without a flag cookie, a visitor is told by whom they are signed in as: five tabs that a browser opens
  // at once, or a client from call to call, must not change flows. And the cookie that they get says the same.
  const session =
    stytch.state === 'valid' ? stytch.session : legacy.state === 'valid' ? legacy.session : null
  const visitorId =
    known?.visitorId ?? (session ? await visitorIdOf(session.subject) : crypto.randomUUID())
  const pin = known?.pin ?? null
  const organization =
    legacy.state === 'valid' ? legacy.session.organization : (known?.organization ?? null)
  // All of an organization fall into one bucket, so that one team never sees two logins.
  const bucketId = organization ?? visitorId
  const visitor = { ...placeOf(headers), pin, organization }
  const bucket = await bucketOf(rolloutSalt, bucketId)
  const cohort = await cohortOf({ id: bucketId, policy, visitor: { ...visitor, bucket } })
  const flag: Flag = { visitorId, flow: cohort.flow, pin, organization }

  const decide = () =>
    decideVerdict({
      kind,
      flow: cohort.flow,
      carry: policy.carrySessions,
      stytch: stytch.state,
      legacy: legacy.state,
    })
  let verdict = decide()
  let tokens: SessionTokens | null = null
  if (verdict.action === 'refresh' && stytch.state === 'refreshable') {
    const refreshed = await refreshOnce(stytch, stytchEntry())
    stytch = refreshed.reading
    tokens = refreshed.tokens
    // Somebody ended the Stytch session, and meant this person's sign-in, of which the dormant legacy
    // session is the other half. After a rollback it counts again: then it is the way back.
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
  // Keys that could not be fetched are no verdict on the token: a client must not throw it away.
  const isGivenUp = verdict.action === 'refuse' || verdict.action === 'login'
  if (refusal === 'keys_unavailable' && isGivenUp) verdict = { ...verdict, action: 'retry' }

  const flagIsNew = known?.flow !== flag.flow || known.organization !== flag.organization
  return { verdict, cohort, policy, stytch, legacy, tokens, flag, flagIsNew, credentials, refusal }
}

function stytchEntry() {
  for (const issuer of registry().values()) if (issuer.lane === 'stytch') return issuer
  throw new Error('No Stytch issuer is registered.')
}

/** What the request says of where it comes from; what only a proxy can know, only from a declared one. */
function placeOf(headers: Headers): Pick<Visitor, 'appVersion' | 'ip' | 'country'> {
  const { trustedProxyHops, geoCountryHeader } = cutoverConfig()
  return {
    appVersion: headers.get('x-app-version'),
    ip: clientAddress(headers.get('x-forwarded-for'), trustedProxyHops),
    country:
      (trustedProxyHops > 0 && geoCountryHeader && headers.get(geoCountryHeader)?.toUpperCase()) ||
      null,
  }
}

/** Each trusted proxy appended the address it saw; what stands left of those the client may have made up. */
function clientAddress(forwardedFor: string | null, trustedHops: number): string | null {
  if (trustedHops === 0 || !forwardedFor) return null
  const address = forwardedFor.split(',').at(-trustedHops)?.trim() ?? ''
  // Some gateways add the port: 203.0.113.9:4123, [2001:db8::1]:4123.
  return (
    address.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1').replace(/^\[(.+)\](?::\d+)?$/, '$1') || null
  )
}
