import { z } from 'zod'

/** The settings of the project that the Management API reads and writes, as the dashboard shows them. */
export type Dashboard = {
  redirectUrls: RedirectUrl[]
  sdk: SdkSettings
  /** Custom templates, each the default of its type. Without one, Stytch sends a mail of its own. */
  emailTemplates: EmailTemplate[]
}

type EmailTemplate = {
  template_id: string
  custom_html_customization: { template_type: string; html_content: string }
}

export type RedirectUrl = { url: string; valid_types: { type: string; is_default: boolean }[] }

type SdkSettings = {
  basic: { enabled: boolean; domains: string[]; bundle_ids: string[] }
  sessions: { max_session_duration_minutes: number }
  magic_links: { login_or_create_enabled: boolean; send_enabled: boolean; pkce_required: boolean }
  otps: { email_login_or_create_enabled: boolean; email_send_enabled: boolean }
  passwords: { enabled: boolean; pkce_required_for_password_resets: boolean }
}

export const projectName = 'Cutover (local stand-in)'
export const projectSlug = 'cutover'
export const environmentSlug = 'test'

export function createDashboard(appBaseUrl: string): Dashboard {
  return {
    redirectUrls: [redirectUrl(`${appBaseUrl}/authenticate`)],
    emailTemplates: [],
    sdk: {
      basic: { enabled: true, domains: [appBaseUrl], bundle_ids: [] },
      sessions: { max_session_duration_minutes: 527_040 },
      magic_links: { login_or_create_enabled: true, send_enabled: true, pkce_required: true },
      otps: { email_login_or_create_enabled: true, email_send_enabled: true },
      passwords: { enabled: true, pkce_required_for_password_resets: true },
    },
  }
}

const redirectUrl = (url: string): RedirectUrl => ({
  url,
  valid_types: ['LOGIN', 'SIGNUP', 'INVITE', 'RESET_PASSWORD'].map((type) => ({
    type,
    is_default: true,
  })),
})

/** The settings that a test changes. A redirect URL is valid for every kind of mail. */
export const settingsSchema = z.strictObject({
  userinfoUrl: z.url().nullable().optional(),
  redirectUrls: z.array(z.url()).optional(),
  pkceRequired: z.boolean().optional(),
  sdkEnabled: z.boolean().optional(),
  sessionMinutes: z.int().min(5).optional(),
  /** HTML of custom templates, by type. */
  emailTemplates: z.record(z.string(), z.string()).optional(),
})

type Settings = { userinfoUrl: string | null; dashboard: Dashboard }

export const shortSettings = ({ userinfoUrl, dashboard }: Settings) => ({
  userinfoUrl,
  redirectUrls: dashboard.redirectUrls.map(({ url }) => url),
  pkceRequired: dashboard.sdk.magic_links.pkce_required,
  sdkEnabled: dashboard.sdk.basic.enabled,
  sessionMinutes: dashboard.sdk.sessions.max_session_duration_minutes,
  emailTemplates: Object.fromEntries(
    dashboard.emailTemplates.map(
      ({ custom_html_customization: { template_type, html_content } }) => [
        template_type,
        html_content,
      ],
    ),
  ),
})

export function changeSettings(project: Settings, change: z.infer<typeof settingsSchema>): void {
  const settings = { ...shortSettings(project), ...change }
  const { userinfoUrl, redirectUrls, pkceRequired, sdkEnabled, emailTemplates } = settings
  const { dashboard } = project
  project.userinfoUrl = userinfoUrl
  if (change.redirectUrls) dashboard.redirectUrls = redirectUrls.map(redirectUrl)
  dashboard.sdk.magic_links.pkce_required = pkceRequired
  dashboard.sdk.passwords.pkce_required_for_password_resets = pkceRequired
  dashboard.sdk.basic.enabled = sdkEnabled
  dashboard.sdk.sessions.max_session_duration_minutes = settings.sessionMinutes
  dashboard.emailTemplates = Object.entries(emailTemplates).map(
    ([template_type, html_content]) => ({
      template_id: `custom-${template_type.toLowerCase()}`,
      custom_html_customization: { template_type, html_content },
    }),
  )
}
