import { config } from '../../config'
import type { RequestKind } from '../../request/kind'
import type { Trace } from '../../request/trace'
import type { Credentials } from '../../token/credentials'
import type { Assessment } from './assess'

const credentialCookie =
  /^(?:stytch_(?:b2b_)?session(?:_jwt)?|__(?:team_)?session(?:__\d+)?|auth_flow(?:_team)?)$/

const namesOf = ({ bearer, cookies }: Credentials): string[] => [
  ...(bearer === null ? [] : ['Authorization: Bearer']),
  ...[...cookies.keys()].filter((name) => credentialCookie.test(name)),
]

/** The trace of an assessment, for the inspector and the app's own pages. It holds names of cookies and no values. */
export function traceOf(kind: RequestKind, assessed: Assessment, microseconds: number): Trace {
  const { verdict, cohort, policy, stytch, legacy, tokens, credentials, refusal } = assessed
  const { audience, requestedOrganization: team } = assessed
  const session =
    stytch.state === 'valid' ? stytch.session : legacy.state === 'valid' ? legacy.session : null
  return {
    kind,
    team,
    // Only the inspector of the sandbox shows them.
    credentials: config().sandbox ? namesOf(credentials) : [],
    issuer: session?.issuer.canonicalName ?? null,
    lane: verdict.lane,
    action: verdict.action,
    reason: verdict.reason,
    refusal,
    // A member's session is migrated on a page of its team.
    migrate: verdict.migrate && (!audience.project.hasOrganizations || team !== null),
    refreshed: tokens !== null,
    flow: cohort.flow,
    flowReason: cohort.reason,
    policyVersion: policy.version,
    microseconds: Math.round(microseconds),
  }
}
