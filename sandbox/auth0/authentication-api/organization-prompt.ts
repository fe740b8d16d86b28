import type { interactionPolicy as Policy } from 'oidc-provider'
import type { Tenant } from '../tenant.ts'
import { organizationsToChooseFrom } from './login-organization.ts'
import { interactionPolicy } from './oidc-provider.ts'

/** The name of the prompt in which the user chooses an organization. */
export const organizationPromptName = 'organization'

/** The prompts of a login: the password, and then the organization where the user must choose one. */
export function organizationPrompt(tenant: Tenant): Policy.DefaultPolicy {
  const { base, Check, Prompt } = interactionPolicy
  const policy = base()
  policy.add(
    new Prompt(
      { name: organizationPromptName },
      new Check(
        'several_organizations',
        'The user is a member of several organizations.',
        'interaction_required',
        (ctx) => organizationsToChooseFrom(tenant, ctx).length > 0,
      ),
    ),
  )
  return policy
}
