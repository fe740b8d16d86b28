import { putPolicy } from '../world/policy.ts'

export type Rules = {
  percent?: number
  organizations?: string[]
  newSignUps?: boolean
  countries?: string[]
  ipRanges?: string[]
  minAppVersion?: string | null
}

/** A rolling policy with every field that the app answers, so that `putPolicy` detects an equal one. */
export const rolling = (rules: Rules, carrySessions = true, note = '') => ({
  cohort: {
    percent: 0,
    organizations: [],
    countries: [],
    ipRanges: [],
    minAppVersion: null,
    ...rules,
  },
  carrySessions,
  note,
})

export const roll = (rules: Rules, carrySessions = true) => putPolicy(rolling(rules, carrySessions))
