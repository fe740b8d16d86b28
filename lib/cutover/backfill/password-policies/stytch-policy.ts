import 'server-only'
import { z } from 'zod'
import { ProviderFailure } from '../../../provider-failure'
import { callStytch } from '../../../stytch/client'
import { callTeamStytch } from '../../../team/stytch/client'

/** What a project at Stytch demands of a new password, as far as its API for backends tells. */
export type StytchPolicy = {
  /** `zxcvbn` estimates how hard a password is to guess, and needs a score of 3 of 4. `luds` counts characters. */
  kind: 'zxcvbn' | 'luds'
  /** Null with zxcvbn, which has no such rules. */
  minLength: number | null
  minKinds: number | null
  refusesBreached: boolean
}

/** A password of one character, made up. The answer names what it lacks, and so the policy. */
const probe = 'a'

const missing = z.object({ missing_characters: z.number(), missing_complexity: z.number() })
const answerSchema = z.object({
  strength_policy: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(['zxcvbn', 'luds'])),
  breach_detection_on_create: z.boolean(),
  luds_feedback: missing.nullish(),
  feedback: z.object({ luds_requirements: missing.nullish() }).nullish(),
})

/** @throws {StytchRefusal | ProviderFailure} as all functions here */
export const consumerPolicy = async (): Promise<StytchPolicy> =>
  policyOfProbe(await callStytch((client) => client.passwords.strengthCheck({ password: probe })))

/** The policy of the B2B project. */
export const memberPolicy = async (): Promise<StytchPolicy> =>
  policyOfProbe(
    await callTeamStytch((client) => client.passwords.strengthCheck({ password: probe })),
  )

/** Reads the policy from Stytch's answer about {@link probe}. @throws {ProviderFailure} */
export function policyOfProbe(answer: unknown): StytchPolicy {
  const { data } = answerSchema.safeParse(answer)
  if (!data)
    throw new ProviderFailure('stytch', 'unexpected_response', 'an unknown strength policy')
  const luds = data.luds_feedback ?? data.feedback?.luds_requirements
  const kind = data.strength_policy
  const isCounted = kind === 'luds' && luds
  return {
    kind,
    minLength: isCounted ? probe.length + luds.missing_characters : null,
    minKinds: isCounted ? 1 + luds.missing_complexity : null,
    refusesBreached: data.breach_detection_on_create,
  }
}
