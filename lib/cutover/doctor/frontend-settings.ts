import { z } from 'zod'
import type { Config } from '../../config'
import type { Services } from './service'

const bootstrapSchema = z.object({
  data: z.object({
    project_name: z.string().default(''),
    vertical: z.string().nullish(),
    pkce_required_for_email_magic_links: z.boolean(),
    pkce_required_for_password_resets: z.boolean(),
  }),
})
const errorSchema = z.object({ error_type: z.string() }).catch({ error_type: '' })

type FrontendSettings = {
  projectName: string
  vertical: string | null
  isPkceRequired: boolean
}

/** Without settings, `refusal` is the reason why Stytch refuses them. */
export type FrontendAnswer = { settings: FrontendSettings | null; refusal: string }

/** The settings that Stytch's browser SDK loads first. They need only the public token. */
export async function readFrontendSettings(
  { stytch, appBaseUrl }: Config,
  { ask }: Services,
): Promise<FrontendAnswer> {
  const { status, body } = await ask(
    `${stytch.apiUrl}/sdk/v1/projects/bootstrap/${stytch.publicToken}`,
    { headers: { origin: new URL(appBaseUrl).origin } },
  )
  const found = bootstrapSchema.safeParse(body)
  if (status !== 200 || !found.success) {
    return { settings: null, refusal: errorSchema.parse(body).error_type || `status ${status}` }
  }
  const { data } = found.data
  const settings = {
    projectName: data.project_name,
    vertical: data.vertical ?? null,
    isPkceRequired:
      data.pkce_required_for_email_magic_links && data.pkce_required_for_password_resets,
  }
  return { settings, refusal: '' }
}
