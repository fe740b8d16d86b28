import ipaddr from 'ipaddr.js'
import { valid as validVersion } from 'semver'
import { z } from 'zod'

/** The login that a visitor gets. */
export type Flow = 'stytch' | 'legacy'

const organizationList = (maximum: number) =>
  z
    .array(z.string().trim().min(1, 'an organization must not be empty').max(128))
    .max(maximum)
    .default([])

/** The longest list of organizations that an operator can write. */
const maximumOrganizations = 1_000
/** In the delivered policy each organization has all of its names: a slug, two ids, and the entry as written. */
const maximumDeliveredOrganizations = 4 * maximumOrganizations

const rules = z.strictObject({
  percent: z.number({ error: 'must be a number from 0 to 100' }).min(0).max(100).default(0),
  organizations: organizationList(maximumOrganizations),
  countries: z
    .array(
      z
        .string()
        .regex(/^[A-Z]{2}$/, 'must be a two-letter country code (ISO 3166-1), such as "NZ"'),
    )
    .max(250)
    .default([]),
  ipRanges: z
    .array(
      z
        .string()
        .refine(
          (text) => ipaddr.isValidCIDR(text),
          'must be an IP range in CIDR form, such as "203.0.113.0/24"',
        ),
    )
    .max(1_000)
    .default([]),
  minAppVersion: z
    .string()
    .refine((text) => validVersion(text) !== null, 'must be a version such as "4.2.0", or null')
    .nullable()
    .default(null),
  // It has no default, so a policy without it stays as it is. An instance of an older version would refuse the field.
  newSignUps: z.boolean({ error: 'must be true or false' }).optional(),
})

/** The JSON document of a policy. It selects the users of the Stytch flow, and whether legacy sessions are migrated. */
export const policySchema = z.strictObject({
  cohort: z.union([z.enum(['nobody', 'everybody']), rules], {
    error: 'must be "nobody", "everybody" or an object of rules',
  }),
  carrySessions: z.boolean({ error: 'must be true or false' }),
  /**
   * Whether users with a second factor at the legacy provider are migrated without one at Stytch, and may sign in there
   * without one. Omitted: they are not. It has no default, so that older versions of the app can read a policy without it.
   */
  allowMfaDowngrade: z.boolean({ error: 'must be true or false' }).optional(),
  note: z.string().trim().max(500).default(''),
})

/** A policy as the edge gets it, see organization-aliases.ts. */
export const deliveredPolicySchema = policySchema.extend({
  cohort: z.union([
    z.enum(['nobody', 'everybody']),
    rules.extend({ organizations: organizationList(maximumDeliveredOrganizations) }),
  ]),
})

export type Policy = z.infer<typeof policySchema>
export type Rules = z.infer<typeof rules>

/** A policy with its version. Version 0 is the fallback, in force until the policy source has answered once. */
export type PolicyInForce = Policy & { version: number }

export const beforeTheMigration: Policy = { cohort: 'nobody', carrySessions: false, note: '' }

/** The options of the migration guide as settings of the two dials. */
export const presets = {
  'before-the-migration': beforeTheMigration,
  'zero-downtime': { cohort: 'everybody', carrySessions: true, note: '' },
  'all-at-once': { cohort: 'everybody', carrySessions: false, note: '' },
} as const satisfies Record<string, Policy>

export type PresetName = keyof typeof presets

/** The preset that a policy equals, or null for a rolling policy. */
export function presetOf(policy: Policy): PresetName | null {
  if (policy.cohort === 'nobody') return 'before-the-migration'
  if (policy.cohort === 'everybody') return policy.carrySessions ? 'zero-downtime' : 'all-at-once'
  return null
}

/** Maps each invalid field to its error. The key is the path of the field, such as `cohort.percent`. */
export function policyProblems(error: z.ZodError): Record<string, string> {
  const problems: Record<string, string> = {}
  const collect = (issues: readonly z.core.$ZodIssue[], prefix: PropertyKey[]) => {
    for (const issue of issues) {
      const path = [...prefix, ...issue.path]
      if (issue.code === 'invalid_union') {
        // The last branch is the object of rules. Its errors name the invalid fields.
        const branch = issue.errors.at(-1)
        if (branch?.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys')) {
          collect(branch, path)
          continue
        }
      }
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys)
          problems[[...path, key].join('.')] = 'is not a field of a policy'
        continue
      }
      problems[path.join('.') || 'policy'] = issue.message
    }
  }
  collect(error.issues, [])
  return problems
}
