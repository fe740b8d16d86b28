import type {
  AuthenticationFactor,
  B2BPasswordsAuthenticateRequest,
  B2BPasswordsAuthenticateResponse,
  B2BPasswordsStrengthCheckRequest,
  B2BPasswordsStrengthCheckResponse,
} from 'stytch'
import { checkStrength as checkConsumerStrength } from '../consumer/password-strength.ts'
import type { Project } from '../project.ts'
import type { Answer, Sent } from '../request-fields.ts'
import { logIn, loginOptions } from './member-login.ts'
import { checkPassword, refuseBreached } from './member-passwords.ts'
import { refuseMethod, requireByEmail } from './member-sign-in.ts'

export const passwordFactor: AuthenticationFactor = {
  type: 'password',
  delivery_method: 'knowledge',
}

/** The two projects have the same policy. Only the names of two fields differ. */
export function checkStrength(
  project: Project,
  { password, email_address }: Sent<B2BPasswordsStrengthCheckRequest>,
): Answer<B2BPasswordsStrengthCheckResponse> {
  const { feedback, ...answer } = checkConsumerStrength(project, { password, email: email_address })
  const { warning, suggestions } = feedback ?? { warning: '', suggestions: [] }
  return { ...answer, zxcvbn_feedback: { warning, suggestions } }
}

export async function authenticatePassword(
  project: Project,
  sent: Sent<B2BPasswordsAuthenticateRequest>,
): Promise<Answer<B2BPasswordsAuthenticateResponse>> {
  const { organization, record } = requireByEmail(project, sent)
  refuseMethod(organization, 'password')
  const options = await loginOptions(project, sent, record)
  await checkPassword(project, record, sent.password)
  refuseBreached(sent.password)
  return logIn(project, record, [passwordFactor], options)
}
