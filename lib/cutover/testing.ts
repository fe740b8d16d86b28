import type { Visitor } from './cohort/rules'
import { type Policy, policySchema, type Rules } from './policy/document'

/** Only for tests: a visitor that no rule matches, in the middle of the buckets. */
export const visitor = (over: Partial<Visitor> = {}): Visitor => ({
  bucket: 5_000,
  pin: null,
  organization: null,
  organizationId: null,
  isNewSignUp: false,
  appVersion: null,
  ip: null,
  country: null,
  ...over,
})

/** Only for tests: a rolling policy with these rules and no others. */
export const rolling = (rules: Partial<Rules>, carrySessions = true): Policy =>
  policySchema.parse({ cohort: rules, carrySessions })
