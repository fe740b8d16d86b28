import { lt } from 'semver'
import {
  formatList,
  isSignUpsOnly,
  itemsOf,
  listDifference,
  noRules,
  type OrganizationNames,
  pluralize,
  policyDifference,
  policySentence,
  type RuleList,
  ruleListNouns,
  ruleLists,
} from './describe'
import type { Flow, Policy, Rules } from './document'

/** Facts about the deployment that determine the effects of a policy. */
export type PreviewFacts = {
  /** Rules that have no effect in this deployment, with the reason. */
  unavailableRules: Partial<Record<RuleList, string>>
  /** Distinct sessions in a recent hour. Null if the figures are unavailable. */
  recentSessions: { legacy: number } | null
  /** Null if the status of the mirror is unavailable. */
  mirror: { on: boolean; waiting: number; dead: number } | null
  /** The flow that the operator's own device is pinned to. */
  pin: Flow | null
  /** Omitted while they cannot be read. */
  organizationNames?: OrganizationNames
}

/** The effects of a policy change, for the operator to confirm. */
export type Preview = {
  /** The new policy in one sentence. */
  sentence: string
  effects: string[]
  warnings: string[]
  /** False if no dial differs from the policy in force. */
  isChange: boolean
}

/** Computes the effects of replacing the policy `before` by `after`. */
export function previewChange(before: Policy, after: Policy, facts: PreviewFacts): Preview {
  const isChange = policyDifference(before, after).length > 0
  return {
    sentence: policySentence(after, facts.organizationNames),
    effects: isChange
      ? [
          ...cohortEffects(before, after, facts),
          ...mirrorEffects(after, facts),
          ...carryEffects(before, after),
          ...mfaEffects(before, after),
          ...estimate(after, facts),
        ]
      : ['No dial differs from the policy in force. Nothing changes for visitors.'],
    warnings: warnings(before, after, facts),
    isChange,
  }
}

const stytchSessionsStay = 'Users with a Stytch session keep it and stay signed in.'

function cohortEffects(before: Policy, after: Policy, facts: PreviewFacts): string[] {
  if (after.cohort === 'nobody') {
    return [
      'New sign-ins happen at the legacy provider again.',
      stytchSessionsStay,
      'Users with a legacy session keep it. Legacy sessions of migrated users work again. No more sessions are migrated.',
    ]
  }
  if (after.cohort === 'everybody') {
    return before.cohort === 'everybody'
      ? []
      : ['All new sign-ins happen at Stytch.', ...pinEffects(before)]
  }
  if (before.cohort === 'nobody') {
    return [
      'Visitors in the cohort sign in at Stytch. Nothing changes for other visitors.',
      ...signUpEffects(noRules, after.cohort),
    ]
  }
  if (before.cohort === 'everybody') {
    return [
      `Visitors outside the rules get the legacy login again. ${stytchSessionsStay}`,
      ...signUpEffects(noRules, after.cohort),
    ]
  }
  return ruleEffects(before.cohort, after.cohort, facts)
}

const pinEffects = (before: Policy): string[] =>
  typeof before.cohort === 'object'
    ? ['Device pins lose their effect: they work only in a rolling policy.']
    : []

function ruleEffects(
  before: Rules,
  after: Rules,
  { unavailableRules, organizationNames }: PreviewFacts,
): string[] {
  const effects: string[] = []
  const points = Math.round(Math.abs(after.percent - before.percent) * 100) / 100
  if (after.percent > before.percent) {
    effects.push(
      `The percentage rises from ${before.percent}% to ${after.percent}%. About ${points}% of visitors join the cohort. Nobody moves back.`,
    )
  } else if (after.percent < before.percent) {
    effects.push(
      `The percentage falls from ${before.percent}% to ${after.percent}%. About ${points}% of visitors get the legacy login again. Lowering it never ends a Stytch session.`,
    )
  }
  for (const list of ruleLists) {
    // An unavailable rule has no effect. A warning says so.
    if (unavailableRules[list]) continue
    const { added, removed } = listDifference(before[list], after[list])
    if (added.length > 0) {
      const verb = added.length === 1 ? 'joins' : 'join'
      effects.push(
        `${pluralize(added.length, ...ruleListNouns[list])} ${verb} the cohort: ${formatList(itemsOf(list, added, organizationNames))}.`,
      )
    }
    if (removed.length > 0) {
      const verb = removed.length === 1 ? 'is' : 'are'
      effects.push(
        `${pluralize(removed.length, ...ruleListNouns[list])} ${verb} no longer in the rules: ${formatList(itemsOf(list, removed, organizationNames))}. ${stytchSessionsStay}`,
      )
    }
  }
  return [
    ...effects,
    ...signUpEffects(before, after),
    ...appEffects(before.minAppVersion, after.minAppVersion),
  ]
}

function signUpEffects(before: Rules, after: Rules): string[] {
  if (!after.newSignUps === !before.newSignUps) return []
  return after.newSignUps
    ? [
        '“Create an account” leads to Stytch. A device on which a user signed up there shows the Stytch login from then on.',
      ]
    : [`“Create an account” leads to the login that the other rules give. ${stytchSessionsStay}`]
}

function appEffects(before: string | null, after: string | null): string[] {
  if (before === after) return []
  if (!after) return [`Apps older than ${before} no longer stay on the legacy lane.`]
  if (!before) return [`Apps older than ${after} get the legacy login.`]
  return lt(after, before)
    ? [`Apps from version ${after} can get the Stytch login. Until now they needed ${before}.`]
    : [
        `Apps older than ${after} get the legacy login. Until now only apps older than ${before} did.`,
      ]
}

function carryEffects(before: Policy, after: Policy): string[] {
  if (after.cohort === 'nobody' || isSignUpsOnly(after)) return []
  const didCarry = before.cohort !== 'nobody' && !isSignUpsOnly(before)
  if (didCarry && before.carrySessions === after.carrySessions) return []
  return after.carrySessions
    ? [
        'Live legacy sessions in the cohort are migrated in the background of the next page view. Users notice nothing. If a migration fails, for example because the email address is not verified, the user stays signed in on the legacy lane.',
      ]
    : [
        'Users in the cohort with a legacy session must sign in at Stytch, and then return to their page. They keep their account if they were imported or if the legacy provider has verified their email address. All others start with an empty account. Their old account stays available at the legacy provider.',
      ]
}

/** Whether the policy migrates live legacy sessions. New sign-ups have none. */
const migrates = (policy: Policy): boolean =>
  policy.cohort !== 'nobody' && policy.carrySessions && !isSignUpsOnly(policy)

const migratesMfaUsers = (policy: Policy): boolean =>
  migrates(policy) && policy.allowMfaDowngrade === true

function mfaEffects(before: Policy, after: Policy): string[] {
  if (!migrates(after) || migratesMfaUsers(after)) return []
  if (migratesMfaUsers(before)) {
    return [
      'Users with MFA at the legacy provider are not migrated any more. Users who were migrated keep their Stytch session.',
    ]
  }
  if (migrates(before)) return []
  return [
    'Users with MFA at the legacy provider stay on the legacy lane until they have a second factor at Stytch.',
  ]
}

/** Estimates the number of affected sessions by the percentage. The reach of the other rules is unknown. */
function estimate({ cohort, carrySessions }: Policy, { recentSessions }: PreviewFacts): string[] {
  if (!recentSessions || recentSessions.legacy === 0 || cohort === 'nobody') return []
  const basis = `Estimate from ${pluralize(recentSessions.legacy, 'legacy session')} in a recent hour`
  const effect = carrySessions ? 'would be migrated' : 'would have to sign in again'
  if (cohort === 'everybody') {
    const condition = carrySessions ? ' with a verified email address' : ''
    return [`${basis}: all${condition} ${effect}.`]
  }
  if (cohort.percent === 0) return []
  const share = Math.round((recentSessions.legacy * cohort.percent) / 100)
  return [`${basis}: about ${share.toLocaleString('en')} ${effect}, by the percentage alone.`]
}

function warnings(before: Policy, after: Policy, facts: PreviewFacts): string[] {
  const { cohort, carrySessions } = after
  const found: string[] = []
  if (cohort === 'everybody' && !carrySessions) {
    found.push('All users with a legacy session must sign in again.')
  }
  if (typeof cohort === 'object') {
    if (!carrySessions && !isSignUpsOnly(after)) {
      found.push('Users in the cohort with a legacy session must sign in again.')
    }
    for (const list of ruleLists) {
      const reason = facts.unavailableRules[list]
      if (cohort[list].length > 0 && reason) found.push(reason)
    }
    const hasEffect = ruleLists.some(
      (list) => cohort[list].length > 0 && !facts.unavailableRules[list],
    )
    if (cohort.percent === 0 && !hasEffect && !cohort.newSignUps) {
      found.push('These rules put nobody into the cohort, except devices pinned to Stytch.')
    }
  } else if (facts.pin) {
    found.push(
      `This device is pinned to ${facts.pin}. The pin will have no effect: it works only in a rolling policy.`,
    )
  }
  if (migratesMfaUsers(after)) {
    found.push(
      'Users with MFA at the legacy provider are migrated too. Their next sign-in at Stytch asks for one factor only.',
    )
  } else if (cohort !== 'nobody' && after.allowMfaDowngrade) {
    found.push(
      'Users with MFA at the legacy provider can sign in at Stytch with one factor only. Their account then needs no second factor.',
    )
  }
  return [...found, ...mirrorWarnings(before, after, facts)]
}

/** For a rollback with the mirror up to date. Otherwise `mirrorWarnings` has a warning. */
function mirrorEffects(after: Policy, { mirror }: PreviewFacts): string[] {
  if (after.cohort !== 'nobody' || !mirror?.on || mirror.waiting + mirror.dead > 0) return []
  return [
    'Users who signed up at Stytch can sign in at the legacy provider: the mirror is on and caught up.',
  ]
}

function mirrorWarnings(before: Policy, after: Policy, { mirror }: PreviewFacts): string[] {
  if (!mirror) return []
  if (!mirror.on) {
    if (after.cohort === 'nobody') {
      return before.cohort === 'nobody'
        ? []
        : [
            'The mirror is off: users who signed up at Stytch cannot sign in at the legacy provider. If they are signed in, they stay signed in.',
          ]
    }
    const isSignUpRule = typeof after.cohort === 'object' && after.cohort.newSignUps === true
    return [
      'The mirror is off: users who sign up at Stytch cannot sign in after a rollback.',
      ...(isSignUpRule
        ? [
            'The mirror is off: other devices of a new user show the legacy login, which does not know the user.',
          ]
        : []),
    ]
  }
  if (after.cohort !== 'nobody' || mirror.waiting + mirror.dead === 0) return []
  const parts = [
    ...(mirror.waiting > 0
      ? [`${pluralize(mirror.waiting, 'mirror job is', 'mirror jobs are')} waiting`]
      : []),
    ...(mirror.dead > 0
      ? [`${pluralize(mirror.dead, 'mirror job is', 'mirror jobs are')} dead`]
      : []),
  ]
  return [
    `${parts.join(' and ')}. The affected users cannot sign in at the legacy provider yet, or not with their latest password.`,
  ]
}
