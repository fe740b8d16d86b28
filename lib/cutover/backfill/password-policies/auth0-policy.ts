import { z } from 'zod'

/** What Auth0 demands of a new password in one connection. */
export type Auth0Policy = {
  minLength: number
  /** How many kinds of characters a password needs: lower case, upper case, digits and special characters. */
  minKinds: number
  /** Whether repeated or sequential characters are refused. */
  refusesRuns: boolean
  /** The number of earlier passwords that may not be used again. 0 without a history. */
  history: number
  refusesCommon: boolean
  /** The number of words that the operator has forbidden. */
  ownWords: number
  refusesPersonalInfo: boolean
}

/** https://auth0.com/docs/authenticate/database-connections/password-strength */
const levels = {
  none: { minLength: 1, minKinds: 1, refusesRuns: false },
  low: { minLength: 6, minKinds: 1, refusesRuns: false },
  fair: { minLength: 8, minKinds: 3, refusesRuns: false },
  good: { minLength: 8, minKinds: 3, refusesRuns: false },
  excellent: { minLength: 10, minKinds: 3, refusesRuns: true },
}

const active = z.object({ active: z.boolean().default(false) })
const enabled = z.object({ enable: z.boolean().default(false) })
const size = z.number().default(5)
const words = z.array(z.unknown()).default([])

/** Both forms of Auth0's settings. The newer one is `password_options`. */
const optionsSchema = z.object({
  passwordPolicy: z.enum(['none', 'low', 'fair', 'good', 'excellent']).nullish().catch(null),
  password_complexity_options: z.object({ min_length: z.number().nullish() }).nullish(),
  password_history: enabled.extend({ size }).nullish(),
  password_dictionary: enabled.extend({ dictionary: words }).nullish(),
  password_no_personal_info: enabled.nullish(),
  password_options: z
    .object({
      complexity: z
        .object({
          min_length: z.number().nullish(),
          character_types: z.array(z.string()).default([]),
          character_type_rule: z.string().nullish(),
          identical_characters: z.string().nullish(),
          sequential_characters: z.string().nullish(),
        })
        .nullish(),
      dictionary: active.extend({ custom: words }).nullish(),
      history: active.extend({ size }).nullish(),
      profile_data: active.nullish(),
    })
    .nullish(),
})

/** @returns null if Auth0 answers with options of another form */
export function auth0Policy(options: Readonly<Record<string, unknown>>): Auth0Policy | null {
  const { data } = optionsSchema.safeParse(options)
  if (!data) return null
  const level = levels[data.passwordPolicy ?? 'none']
  const { complexity, dictionary, history, profile_data } = data.password_options ?? {}
  const kinds = new Set(complexity?.character_types).size
  const isThreeOfFour = complexity?.character_type_rule === 'three_of_four'
  const old = { history: data.password_history, dictionary: data.password_dictionary }
  const blocks = [complexity?.identical_characters, complexity?.sequential_characters]
  return {
    minLength:
      complexity?.min_length ?? data.password_complexity_options?.min_length ?? level.minLength,
    minKinds: complexity ? Math.max(1, isThreeOfFour ? 3 : kinds) : level.minKinds,
    refusesRuns: complexity ? blocks.includes('block') : level.refusesRuns,
    history: history?.active ? history.size : old.history?.enable ? old.history.size : 0,
    refusesCommon: Boolean(dictionary?.active || old.dictionary?.enable),
    ownWords: dictionary?.active
      ? dictionary.custom.length
      : old.dictionary?.enable
        ? old.dictionary.dictionary.length
        : 0,
    refusesPersonalInfo: Boolean(profile_data?.active || data.password_no_personal_info?.enable),
  }
}
