import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'
import type { PasswordsStrengthCheckRequest, PasswordsStrengthCheckResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, optionalText, requiredText, type Sent } from '../request-fields.ts'

/** Stytch's default policy is zxcvbn with this minimum score. */
const minScore = 3

/** The only password that breach detection knows. Its zxcvbn score is high enough. */
export const breachedPassword = 'correct horse battery staple'

let checker: ZxcvbnFactory | undefined

/**
 * Indexing the dictionaries takes up to a second on a busy machine. The first password check does it,
 * unless this was called before.
 */
export function loadDictionaries(): ZxcvbnFactory {
  checker ??= new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
    // zxcvbn gets slow with long passwords.
    maxLength: 100,
  })
  return checker
}

const strength = (password: string, email?: string) =>
  loadDictionaries().check(password, email ? [email] : [])

export function checkStrength(
  _project: Project,
  sent: Sent<PasswordsStrengthCheckRequest>,
): Answer<PasswordsStrengthCheckResponse> {
  const password = requiredText(sent.password, 'password')
  const { score, feedback } = strength(password, optionalText(sent.email, 'email'))
  const breached_password = password === breachedPassword
  return {
    valid_password: score >= minScore && !breached_password,
    score,
    breached_password,
    strength_policy: 'zxcvbn',
    breach_detection_on_create: true,
    feedback: { warning: feedback.warning ?? '', suggestions: feedback.suggestions },
  }
}

/** Refuses a weak or breached password. */
export function acceptablePassword(value: unknown, email: string, field = 'password'): string {
  const password = requiredText(value, field)
  if (password === breachedPassword) throw new ApiError('breached_password')
  if (strength(password, email).score < minScore) throw new ApiError('weak_password')
  return password
}
