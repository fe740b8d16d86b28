import type { Auth0Policy } from './auth0-policy'
import type { StytchPolicy } from './stytch-policy'

/** `differs`: the two rules cannot be ordered, and a password may pass one and not the other. */
export type Verdict = 'same' | 'stronger' | 'weaker' | 'differs'

/** One rule at both providers. The verdict is about Stytch. */
export type PolicyRow = { rule: string; auth0: string; stytch: string; verdict: Verdict }

const order = (auth0: number, stytch: number): Verdict =>
  auth0 === stytch ? 'same' : stytch > auth0 ? 'stronger' : 'weaker'

/** A rule that only Auth0 has. */
const missingAtStytch = (isDemanded: boolean): Verdict => (isDemanded ? 'weaker' : 'same')

export function comparePolicies(auth0: Auth0Policy, stytch: StytchPolicy): PolicyRow[] {
  const isZxcvbn = stytch.kind === 'zxcvbn'
  const score = 'none: the score must be 3 of 4'
  return [
    {
      rule: 'length',
      auth0: `${auth0.minLength} characters`,
      stytch: stytch.minLength === null ? score : `${stytch.minLength} characters`,
      verdict: stytch.minLength === null ? 'differs' : order(auth0.minLength, stytch.minLength),
    },
    {
      rule: 'kinds of characters',
      auth0: `${auth0.minKinds} of 4`,
      stytch: stytch.minKinds === null ? score : `${stytch.minKinds} of 4`,
      verdict: stytch.minKinds === null ? 'differs' : order(auth0.minKinds, stytch.minKinds),
    },
    {
      rule: 'repeated characters',
      auth0: auth0.refusesRuns ? 'refused' : 'allowed',
      stytch: isZxcvbn ? 'lower the score' : 'allowed',
      verdict: isZxcvbn ? 'differs' : missingAtStytch(auth0.refusesRuns),
    },
    {
      rule: 'common and leaked passwords',
      auth0: auth0.refusesCommon ? 'refused, by a dictionary' : 'allowed',
      stytch: commonAtStytch(stytch),
      verdict: commonVerdict(auth0, stytch),
    },
    {
      rule: 'own forbidden words',
      auth0: auth0.ownWords > 0 ? `${auth0.ownWords} words` : 'none',
      stytch: 'none',
      verdict: missingAtStytch(auth0.ownWords > 0),
    },
    {
      rule: 'personal data',
      auth0: auth0.refusesPersonalInfo ? 'refused' : 'allowed',
      stytch: isZxcvbn ? 'the address lowers the score' : 'allowed',
      verdict: missingAtStytch(auth0.refusesPersonalInfo),
    },
    {
      rule: 'earlier passwords',
      auth0: auth0.history > 0 ? `the last ${auth0.history} are refused` : 'allowed',
      stytch: 'allowed',
      verdict: missingAtStytch(auth0.history > 0),
    },
  ]
}

function commonAtStytch({ kind, refusesBreached }: StytchPolicy): string {
  if (refusesBreached) return 'refused, by a list of breaches'
  return kind === 'zxcvbn' ? 'lower the score' : 'allowed'
}

function commonVerdict(
  { refusesCommon }: Auth0Policy,
  { kind, refusesBreached }: StytchPolicy,
): Verdict {
  if (refusesBreached) return 'stronger'
  if (kind === 'zxcvbn') return 'differs'
  return missingAtStytch(refusesCommon)
}
