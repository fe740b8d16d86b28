import 'server-only'
import { organizationsCommand } from './organizations/organizations-command'
import { passwordPoliciesCommand } from './password-policies/password-policies-command'
import { ssoCommand } from './sso/sso-command'

/** The commands about organizations and their members. A starter without teams has none. */
export const teamCommands = {
  organizations: organizationsCommand,
  sso: ssoCommand,
  'password-policies': passwordPoliciesCommand,
}
