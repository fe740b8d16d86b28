import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'
import type { PasswordsStrengthCheckRequest, PasswordsStrengthCheckResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, optionalText, requiredText, type Sent } from '../request-fields.ts'

/** Stytch's default policy: zxcvbn with at least this score. */
const LEAST_SCORE = 3

/** Strong by its score, yet in every list of breached passwords. The only one known here. */
export const BREACHED_PASSWORD = 'correct horse battery staple'

let checker: ZxcvbnFactory | undefined

function strength(password: string, email?: string) {
  // The dictionaries take a moment to index, and most runs never need them.
  checker ??= new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  })
  // zxcvbn's work grows with the length; the first hundred characters decide.
  return checker.check(password.slice(0, 100), email ? [email] : [])
}

export function checkStrength(
  _project: Project,
  sent: Sent<PasswordsStrengthCheckRequest>,
): Answer<PasswordsStrengthCheckResponse> {
  const password = requiredText(sent.password, 'password')
  const { score, feedback } = strength(password, optionalText(sent.email, 'email'))
  const breached_password = password === BREACHED_PASSWORD
  return {
    valid_password: score >= LEAST_SCORE && !breached_password,
    score,
    breached_password,
    strength_policy: 'zxcvbn',
    breach_detection_on_create: true,
    feedback: { warning: feedback.warning ?? '', suggestions: feedback.suggestions },
  }
}

/** A new password, or the error that it deserves. */
export function acceptablePassword(value: unknown, email: string, field = 'password'): string {
  const password = requiredText(value, field)
  if (password === BREACHED_PASSWORD) throw new ApiError('breached_password')
  if (strength(password, email).score < LEAST_SCORE) throw new ApiError('weak_password')
  return password
}
