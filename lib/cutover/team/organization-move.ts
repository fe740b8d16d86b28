import { noRules, pluralize } from '../policy/describe'
import type { Flow, Policy } from '../policy/document'
import { expandOrganizations, isListed } from '../policy/expand-organizations'
import { type ListedOrganization, placeOf } from './organization-list'

/** An organization with what a move of its members depends on. */
export type MovableOrganization = ListedOrganization & {
  /** The bucket of the percentage, 0 to 9999. */
  bucket: number
  /** Null while the legacy provider does not answer. `hasMore` if it has more than one page of members. */
  legacyMembers: { count: number; hasMore: boolean } | null
  /** How many people were carried over to Stytch. */
  carriedOver: number
  /** False while Stytch does not answer. Then an organization without an id of Stytch's may be there all the same. */
  stytchAnswers: boolean
}

/** What a move changes, for the operator to confirm, or why it is not possible. */
export type Move =
  | { isPossible: true; policy: Policy; effects: string[]; warnings: string[] }
  | { isPossible: false; reason: string }

const impossible = (reason: string): Move => ({ isPossible: false, reason })

/** Plans the change of the policy that gives the members of one organization another flow. */
export function planMove(policy: Policy, organization: MovableOrganization, to: Flow): Move {
  if (placeOf(organization) === 'stytch') {
    return impossible(
      `${organization.name} exists only at Stytch, so its members sign in there under every policy.`,
    )
  }
  return to === 'stytch' ? moveToStytch(policy, organization) : moveBack(policy, organization)
}

function moveToStytch(policy: Policy, organization: MovableOrganization): Move {
  const { name, slug, legacyId } = organization
  const { cohort } = policy
  if (cohort === 'everybody') return impossible(`Everybody is in the cohort, so ${name} is too.`)
  const rules = cohort === 'nobody' ? noRules : cohort
  if (isListed(expandOrganizations(rules.organizations, [organization]), organization)) {
    return impossible(`${name} is in the list of the policy already.`)
  }
  if (placeOf(organization) === 'legacy' && !organization.stytchAnswers) {
    return impossible(
      `Stytch does not answer, so it is unknown whether ${name} exists there. Try again in a minute.`,
    )
  }
  if (placeOf(organization) === 'legacy') {
    return impossible(
      `${name} exists only at the legacy provider, so its members sign in there under every policy. Create the organization at Stytch first, with the organization_external_id ${legacyId}.`,
    )
  }
  const isFirst = cohort === 'nobody'
  const carrySessions = isFirst || policy.carrySessions
  const moved: Policy = {
    ...policy,
    cohort: { ...rules, organizations: [...rules.organizations, slug] },
    carrySessions,
  }
  return {
    isPossible: true,
    policy: moved,
    effects: [
      `The members of ${name} get the Stytch login. All other organizations and visitors keep their login.`,
      ...carryEffects(organization, moved),
      ...(isFirst
        ? [
            `The policy becomes a rolling one at 0%, with ${name} as its only rule. Live legacy sessions are migrated.`,
          ]
        : []),
    ],
    warnings: twinWarnings(organization),
  }
}

function carryEffects(
  { legacyMembers, carriedOver }: MovableOrganization,
  { carrySessions, allowMfaDowngrade }: Policy,
): string[] {
  const live = carrySessions
    ? 'A live session is carried over with the next page of the member, who stays signed in.'
    : 'They must sign in again at Stytch, because the policy does not migrate legacy sessions.'
  const mfa =
    carrySessions && !allowMfaDowngrade
      ? ['A member whom Stytch would ask for fewer factors stays at the legacy provider.']
      : []
  if (!legacyMembers) {
    return [`The number of members at the legacy provider is unknown. ${live}`, ...mfa]
  }
  const { count, hasMore } = legacyMembers
  if (hasMore) return [`More than ${count} members are at the legacy provider. ${live}`, ...mfa]
  const left = Math.max(0, count - carriedOver)
  if (left === 0) return [`All ${pluralize(count, 'member')} have been carried over already.`]
  const verb = left === 1 ? 'is' : 'are'
  return [
    `${left} of ${pluralize(count, 'member')} ${verb} at the legacy provider only. ${live}`,
    ...mfa,
  ]
}

function moveBack(policy: Policy, organization: MovableOrganization): Move {
  const { name, bucket } = organization
  const { cohort } = policy
  if (cohort === 'nobody') return impossible(`Nobody is in the cohort, so ${name} is not either.`)
  if (cohort === 'everybody') {
    return impossible(
      `Everybody is in the cohort, and a policy cannot say “everybody except ${name}”. Change the policy to rules first: list the organizations that stay at Stytch.`,
    )
  }
  const isOther = (entry: string) =>
    !isListed(expandOrganizations([entry], [organization]), organization)
  const organizations = cohort.organizations.filter(isOther)
  const isInPercentage = bucket < cohort.percent * 100
  if (organizations.length === cohort.organizations.length) {
    return impossible(
      isInPercentage
        ? `${name} is in the first ${cohort.percent}%, and not in the list. Lower the percentage to ${percentBelow(bucket)}% to move it back.`
        : `${name} is not in the list of the policy.`,
    )
  }
  return {
    isPossible: true,
    policy: { ...policy, cohort: { ...cohort, organizations } },
    effects: [
      isInPercentage
        ? `${name} leaves the list of the policy.`
        : `The members of ${name} get the login of the legacy provider again. All other organizations and visitors keep their login.`,
      'Nobody is logged out. Members with a Stytch session keep it until it ends.',
      'Members with a legacy session keep it. The legacy sessions of carried-over members work again.',
    ],
    warnings: [
      ...(isInPercentage
        ? [
            `${name} keeps the Stytch login: it is in the first ${cohort.percent}%. Lower the percentage to ${percentBelow(bucket)}% to move it back.`,
          ]
        : []),
      ...twinWarnings(organization),
    ],
  }
}

/** The highest percentage, with two decimals, that does not include the bucket. */
const percentBelow = (bucket: number): number => bucket / 100

const twinWarnings = ({ hasTwin, slug }: MovableOrganization): string[] =>
  hasTwin
    ? [
        `Both providers have an organization “${slug}”, and they are not linked. This change is for both. Set organization_external_id at Stytch.`,
      ]
    : []
