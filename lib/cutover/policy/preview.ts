import { lt } from 'semver'
import {
  counted,
  type ListName,
  listChange,
  listNames,
  lists,
  policyDifference,
  policySentence,
  some,
} from './describe'
import type { Flow, Policy, Rules } from './document'

/** What must be known about this deployment and this hour to say what a policy will do. */
export type PreviewFacts = {
  /** Rules that cannot work here, each with the reason: what they go by is not known of anybody. */
  off: Partial<Record<ListName, string>>
  /** Distinct sessions seen within an hour lately; null where nobody counted. */
  lately: { legacy: number } | null
  /** Null where it cannot be asked. */
  mirror: { on: boolean; waiting: number; dead: number } | null
  /** Flow that the operator's own device is pinned to. */
  pin: Flow | null
}

/** What a change of policy will do, for the operator who is about to confirm it. */
export type Preview = {
  /** The new policy. */
  sentence: string
  effects: string[]
  warnings: string[]
  /** False when all dials stand as they do already. */
  isChange: boolean
}

/** Compares the policy that is in force with the one that is to be. Pure: asks nobody. */
export function previewOf(before: Policy, after: Policy, facts: PreviewFacts): Preview {
  const isChange = policyDifference(before, after).length > 0
  return {
    sentence: policySentence(after),
    effects: isChange
      ? [
          ...cohortEffects(before, after, facts),
          ...mirrorEffects(after, facts),
          ...carryEffects(before, after),
          ...estimate(after, facts),
        ]
      : ['Every dial stands as it does in the policy in force: for visitors nothing changes.'],
    warnings: warnings(before, after, facts),
    isChange,
  }
}

const keepsStytch = 'Whoever has a Stytch session keeps it, and stays signed in.'

function cohortEffects(before: Policy, after: Policy, facts: PreviewFacts): string[] {
  if (after.cohort === 'nobody') {
    return [
      'New sign-ins happen at the legacy provider again.',
      keepsStytch,
      'Whoever has a legacy session stays on it, and the dormant legacy sessions of those who were carried over work again. No more sessions are carried over.',
    ]
  }
  if (after.cohort === 'everybody') {
    return before.cohort === 'everybody'
      ? []
      : ['Everybody who signs in from now on does so at Stytch.', ...pinsEnd(before)]
  }
  if (before.cohort === 'nobody') {
    return ['Whoever is in the cohort signs in at Stytch; for all others nothing changes.']
  }
  if (before.cohort === 'everybody') {
    return [`Visitors outside the rules get the legacy login again. ${keepsStytch}`]
  }
  return ruleEffects(before.cohort, after.cohort, facts)
}

const pinsEnd = (before: Policy): string[] =>
  typeof before.cohort === 'object'
    ? ['Pinned devices follow it too: a pin counts in a rolling policy only.']
    : []

/** From one set of rules to another. */
function ruleEffects(before: Rules, after: Rules, { off }: PreviewFacts): string[] {
  const effects: string[] = []
  const points = Math.round(Math.abs(after.percent - before.percent) * 100) / 100
  if (after.percent > before.percent) {
    effects.push(
      `The percentage goes up from ${before.percent} to ${after.percent}: about ${points}% of visitors join, and nobody moves back.`,
    )
  } else if (after.percent < before.percent) {
    effects.push(
      `The percentage goes down from ${before.percent} to ${after.percent}: about ${points}% of visitors get the legacy login again. Lowering it never ends a Stytch session.`,
    )
  }
  for (const list of listNames) {
    // A rule that is off does nothing: the warning says so.
    if (off[list]) continue
    const { added, removed } = listChange(before[list], after[list])
    if (added.length > 0) {
      const verb = added.length === 1 ? 'joins' : 'join'
      effects.push(`${counted(added.length, ...lists[list])} ${verb} the cohort: ${some(added)}.`)
    }
    if (removed.length > 0) {
      const verb = removed.length === 1 ? 'puts' : 'put'
      effects.push(
        `${counted(removed.length, ...lists[list])} no longer ${verb} anyone into the cohort: ${some(removed)}. ${keepsStytch}`,
      )
    }
  }
  return [...effects, ...appEffects(before.minAppVersion, after.minAppVersion)]
}

function appEffects(before: string | null, after: string | null): string[] {
  if (before === after) return []
  if (!after) return [`Apps older than ${before} are no longer kept on legacy.`]
  if (!before) return [`Apps older than ${after} stay on legacy, or go back to it.`]
  return lt(after, before)
    ? [`Apps from ${after} on may get the Stytch login, before from ${before} on.`]
    : [
        `Apps older than ${after} stay on legacy, or go back to it; before only those older than ${before}.`,
      ]
}

function carryEffects(before: Policy, after: Policy): string[] {
  if (after.cohort === 'nobody') return []
  if (before.cohort !== 'nobody' && before.carrySessions === after.carrySessions) return []
  return after.carrySessions
    ? [
        'Live legacy sessions in the cohort are carried over behind the next page view: nobody is asked anything. Where that does not work, for instance because an email address is not verified, the person stays signed in on the legacy lane.',
      ]
    : [
        'Whoever is in the cohort with a legacy session is led to the Stytch login, and back to where they were. They keep their account if they were imported, or if the legacy provider has verified their address; else they begin with an empty one, and find the old one again whenever they sign in at the legacy provider.',
      ]
}

/** By the percentage alone: how many visitors the other rules reach, nobody has counted. */
function estimate({ cohort, carrySessions }: Policy, { lately }: PreviewFacts): string[] {
  if (!lately || lately.legacy === 0 || cohort === 'nobody') return []
  const seen = `Lately ${counted(lately.legacy, 'legacy session was', 'legacy sessions were')} seen within an hour`
  const fate = carrySessions ? 'would be carried over' : 'would have to sign in again'
  if (cohort === 'everybody') {
    const whose = carrySessions ? ' whose address is verified' : ''
    return [`${seen}: all of them${whose} ${fate}.`]
  }
  if (cohort.percent === 0) return []
  const share = Math.round((lately.legacy * cohort.percent) / 100)
  return [`${seen}: by the percentage alone, about ${share.toLocaleString('en')} of them ${fate}.`]
}

function warnings(before: Policy, after: Policy, facts: PreviewFacts): string[] {
  const { cohort, carrySessions } = after
  const found: string[] = []
  if (cohort === 'everybody' && !carrySessions) {
    found.push('All-at-once asks everybody with a legacy session to sign in again.')
  }
  if (typeof cohort === 'object') {
    if (!carrySessions) {
      found.push('Everybody in the cohort with a legacy session is asked to sign in again.')
    }
    for (const list of listNames) {
      const reason = facts.off[list]
      if (cohort[list].length > 0 && reason) found.push(reason)
    }
    const works = listNames.some((list) => cohort[list].length > 0 && !facts.off[list])
    if (cohort.percent === 0 && !works) {
      found.push(
        'These rules put nobody into the cohort, but for devices that are pinned to Stytch.',
      )
    }
  } else if (facts.pin) {
    found.push(
      `This device is pinned to ${facts.pin}. The pin will not count: it does in a rolling policy only.`,
    )
  }
  return [...found, ...mirrorWarnings(before, after, facts)]
}

/** The good news of a rollback; the bad news is a warning. */
function mirrorEffects(after: Policy, { mirror }: PreviewFacts): string[] {
  if (after.cohort !== 'nobody' || !mirror?.on || mirror.waiting + mirror.dead > 0) return []
  return [
    'Whoever signed up at Stytch can sign in at the legacy provider: the mirror is on and caught up.',
  ]
}

function mirrorWarnings(before: Policy, after: Policy, { mirror }: PreviewFacts): string[] {
  if (!mirror) return []
  if (!mirror.on) {
    if (after.cohort === 'nobody') {
      return before.cohort === 'nobody'
        ? []
        : [
            'The mirror is off: whoever signed up at Stytch cannot sign in at the legacy provider. Those who are signed in stay so.',
          ]
    }
    return [
      'The mirror is off: whoever signs up at Stytch will not be able to sign in after a rollback.',
    ]
  }
  if (after.cohort !== 'nobody' || mirror.waiting + mirror.dead === 0) return []
  const parts = [
    ...(mirror.waiting > 0
      ? [
          `${counted(mirror.waiting, 'job')} of the mirror still ${mirror.waiting === 1 ? 'waits' : 'wait'}`,
        ]
      : []),
    ...(mirror.dead > 0
      ? [
          `${counted(mirror.dead, 'job')} of the mirror ${mirror.dead === 1 ? 'was' : 'were'} given up`,
        ]
      : []),
  ]
  return [
    `${parts.join(', and ')}: these people cannot sign in at the legacy provider yet, or not with their newest password.`,
  ]
}
