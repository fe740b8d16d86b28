import type { Config } from '../../config'
import type { LegacyConfig } from '../../legacy/config'
import { type Check, type Outcome, ok, problem, unchecked } from './finding'
import type { FrontendAnswer } from './frontend-settings'
import { basicAuthorization, jsonRequest, type Services } from './service'
import {
  findEnvironment,
  ManagementRefusal,
  type SdkConfig,
  type StytchEnvironment,
  type WorkspaceKey,
} from './stytch-management'

/** The kinds of mails whose links the app sends to /authenticate. */
const redirectTypes = ['LOGIN', 'SIGNUP', 'RESET_PASSWORD']

/** The variable without which a mail of a type is useless. */
const mailVariables = {
  LOGIN: 'magic_link_url',
  SIGNUP: 'magic_link_url',
  ONE_TIME_PASSCODE: 'otp_code',
  ONE_TIME_PASSCODE_SIGNUP: 'otp_code',
}

const keyHint =
  'STYTCH_WORKSPACE_KEY_ID and STYTCH_WORKSPACE_KEY_SECRET; Stytch dashboard, Workspace, Management API keys'

/** Checks of settings in the Stytch dashboard. All but two need a key of the workspace, and `--fix` needs it too. */
export function stytchDashboardChecks(
  config: Config,
  legacy: LegacyConfig | null,
  services: Services,
  key: WorkspaceKey | null,
  readFrontend: () => Promise<FrontendAnswer>,
): Check[] {
  const { stytch, appBaseUrl } = config
  const origin = isStandIn(stytch.apiUrl) ? stytch.apiUrl : 'https://management.stytch.com'
  let found: Promise<StytchEnvironment | null> | undefined

  /** Runs a check with the environment of the public token, so that nothing is read or written elsewhere. */
  const withEnvironment =
    (check: (environment: StytchEnvironment) => Promise<Outcome>) => async (): Promise<Outcome> => {
      if (!key) return unchecked('This needs a key of the Stytch workspace.', keyHint)
      try {
        found ??= findEnvironment(services, origin, key, stytch.publicToken)
        const environment = await found
        if (environment) return await check(environment)
        return unchecked('No project of this workspace has the public token.', keyHint)
      } catch (error) {
        if (!(error instanceof ManagementRefusal)) throw error
        return unchecked(error.message, error.status === 401 ? keyHint : '')
      }
    }

  const sdkFix = (text: string, change: (sdk: SdkConfig) => SdkConfig) =>
    key && {
      text,
      async apply() {
        const environment = await findEnvironment(services, origin, key, stytch.publicToken)
        if (environment) await environment.setSdk(change(await environment.sdk()))
      },
    }

  return [
    {
      code: 'stytch_userinfo_url',
      async run() {
        const wanted = legacy?.userinfoUrls[0]
        const where = 'Stytch dashboard, Migrations, userinfo URL'
        if (key && wanted) {
          return withEnvironment(async (environment) => {
            const { userinfoUrl } = environment
            // A tenant with a custom domain answers under both names.
            if (legacy.userinfoUrls.includes(userinfoUrl)) {
              return ok(userinfoUrl)
            }
            return problem(
              userinfoUrl
                ? `Stytch asks ${userinfoUrl} about a session, and not ${wanted}.`
                : 'The project has no userinfo URL, so no session can be migrated.',
              where,
              {
                text: `Set the userinfo URL to ${wanted}`,
                apply: () => environment.setUserinfoUrl(wanted),
              },
            )
          })()
        }
        // Stytch checks this setting before the token, so a made-up token tells whether there is one.
        const { body } = await services.ask(
          `${stytch.apiUrl}/v1/sessions/migrate`,
          jsonRequest(
            'POST',
            { session_token: 'cutover-doctor', session_duration_minutes: 5 },
            basicAuthorization(stytch.projectId, stytch.secret),
          ),
        )
        const type = (body as { error_type?: string } | null)?.error_type
        if (type === 'migrate_from_external_missing_userinfo') {
          return problem('The project has no userinfo URL, so no session can be migrated.', where)
        }
        if (type === 'migrate_from_external_unexpected_response') {
          return unchecked('There is a userinfo URL. A workspace key tells which one.', keyHint)
        }
        return unchecked(`Stytch answered ${type ?? 'something unknown'} to sessions.migrate.`)
      },
    },
    {
      code: 'stytch_redirect_url',
      run: withEnvironment(async (environment) => {
        const url = `${appBaseUrl}/authenticate`
        const known = (await environment.redirectUrls()).find((each) => each.url === url)
        const types = known?.valid_types ?? []
        const missing = redirectTypes.filter((type) => !types.some((each) => each.type === type))
        if (missing.length === 0) return ok(url)
        const wanted = [...types, ...missing.map((type) => ({ type, is_default: false }))]
        return problem(
          `${url} is no redirect URL for ${missing.join(', ')}, so Stytch refuses to send these mails.`,
          'Stytch dashboard, Redirect URLs',
          {
            text: `Add the redirect URL ${url} for ${missing.join(', ')}`,
            apply: () => environment.setRedirectUrl(url, wanted, !known),
          },
        )
      }),
    },
    {
      code: 'stytch_pkce',
      async run() {
        const { settings } = await readFrontend()
        if (!settings) return unchecked('Stytch refuses the public token.', 'STYTCH_PUBLIC_TOKEN')
        if (settings.isPkceRequired)
          return ok('Links in mails work only in the browser that asked.')
        return problem(
          'PKCE is not required: an attacker can mail a link that signs the victim in to the attacker’s account.',
          'Stytch dashboard, Frontend SDK, PKCE required, for e-mail magic links and password resets',
          sdkFix('Require PKCE for e-mail magic links and password resets', (sdk) => ({
            ...sdk,
            magic_links: { ...sdk.magic_links, pkce_required: true },
            passwords: { ...sdk.passwords, pkce_required_for_password_resets: true },
          })) ?? undefined,
        )
      },
    },
    {
      code: 'stytch_session_duration',
      run: withEnvironment(async (environment) => {
        const longest = (await environment.sdk()).sessions.max_session_duration_minutes
        const ours = config.sessionDurationMinutes
        if (ours <= longest) return ok(`${ours} minutes, and at most ${longest} are allowed`)
        return problem(
          `The pre-built login asks for sessions of ${ours} minutes, and Stytch allows ${longest}.`,
          'SESSION_DURATION_MINUTES; Stytch dashboard, Frontend SDK, Session duration',
          sdkFix(`Allow sessions of ${ours} minutes`, (sdk) => ({
            ...sdk,
            sessions: { ...sdk.sessions, max_session_duration_minutes: ours },
          })) ?? undefined,
        )
      }),
    },
    {
      code: 'stytch_email_templates',
      run: withEnvironment(async (environment) => {
        for (const [type, variable] of Object.entries(mailVariables)) {
          const html = await environment.customMail(type)
          if (html === null || html.includes(variable)) continue
          return problem(
            `The e-mail template for ${type} does not contain ${variable}, so nobody can sign in with this mail.`,
            'Stytch dashboard, Branding, E-mail templates',
          )
        }
        return ok('Each mail has its link or its code.')
      }),
    },
    {
      code: 'stytch_login_methods',
      run: withEnvironment(async (environment) => {
        const sdk = await environment.sdk()
        const off = [
          !sdk.basic.enabled && 'Frontend SDK',
          !sdk.magic_links.login_or_create_enabled && 'E-mail magic links',
          !sdk.otps.email_login_or_create_enabled && 'E-mail one-time passcodes',
          !sdk.passwords.enabled && 'Passwords',
        ].filter((each) => each !== false)
        if (off.length === 0) return ok('The pre-built login may use links, codes and passwords.')
        return problem(
          `The pre-built login needs what is switched off: ${off.join(', ')}.`,
          'Stytch dashboard, Frontend SDK',
          sdkFix(`Switch on: ${off.join(', ')}`, (current) => ({
            ...current,
            basic: { ...current.basic, enabled: true },
            magic_links: { ...current.magic_links, login_or_create_enabled: true },
            otps: { ...current.otps, email_login_or_create_enabled: true },
            passwords: { ...current.passwords, enabled: true },
          })) ?? undefined,
        )
      }),
    },
  ]
}

const isStandIn = (apiUrl: string): boolean => new URL(apiUrl).hostname === 'localhost'
