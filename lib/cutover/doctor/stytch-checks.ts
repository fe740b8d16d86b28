import { z } from 'zod'
import type { Config } from '../../config'
import { type Check, ok, problem, warning } from './finding'
import type { FrontendAnswer } from './frontend-settings'
import { once } from './once'
import { checkPublishedKeys } from './published-keys'
import { basicAuthorization, type Services } from './service'

const whoamiSchema = z.object({ project_id: z.string(), name: z.string().default('') })
const errorSchema = z.object({ error_type: z.string() }).catch({ error_type: '' })
const keysPage = 'Stytch dashboard, API keys'

/** Checks of Stytch with the keys of the app itself. */
export function stytchChecks(
  config: Config,
  services: Services,
  readFrontend: () => Promise<FrontendAnswer>,
): Check[] {
  const { stytch, appBaseUrl } = config
  const { ask } = services
  const whoami = once(() =>
    ask(`${stytch.apiUrl}/v1/debug/whoami`, {
      headers: { authorization: basicAuthorization(stytch.projectId, stytch.secret) },
    }),
  )
  return [
    {
      code: 'stytch_credentials',
      async run() {
        const { status, body } = await whoami()
        if (status === 401 || status === 404) {
          return problem(
            `Stytch refuses the project and its secret (${errorSchema.parse(body).error_type || `status ${status}`}).`,
            `STYTCH_PROJECT_ID and STYTCH_SECRET; ${keysPage}`,
          )
        }
        const found = whoamiSchema.safeParse(body)
        if (status !== 200 || !found.success) {
          return problem(`Stytch answers status ${status} to debug.whoami.`, 'STYTCH_PROJECT_ID')
        }
        if (found.data.project_id !== stytch.projectId) {
          return problem('The secret belongs to another project.', `STYTCH_SECRET; ${keysPage}`)
        }
        return ok(`Project ${stytch.projectId}`)
      },
    },
    {
      code: 'stytch_keys',
      run: () =>
        checkPublishedKeys(
          services,
          `${stytch.apiUrl}/v1/sessions/jwks/${stytch.projectId}`,
          'STYTCH_PROJECT_ID',
        ),
    },
    {
      code: 'stytch_public_token',
      async run() {
        const { settings, refusal } = await readFrontend()
        if (refusal === 'bad_domain_for_stytch_sdk') {
          return problem(
            `Stytch's frontend SDK may not be used at ${appBaseUrl}.`,
            'Stytch dashboard, Frontend SDK, Authorized domains',
          )
        }
        if (!settings) {
          return problem(
            `Stytch refuses the public token (${refusal}).`,
            `STYTCH_PUBLIC_TOKEN; ${keysPage}`,
          )
        }
        if (settings.vertical === 'B2B') {
          return problem(
            'The project is of the type B2B, and the app uses the consumer API.',
            'Stytch dashboard, a new project of the type Consumer',
          )
        }
        const name = whoamiSchema.safeParse((await whoami()).body).data?.name
        if (name && settings.projectName && name !== settings.projectName) {
          return warning(
            `The public token belongs to the project "${settings.projectName}", and the secret to "${name}".`,
            `STYTCH_PUBLIC_TOKEN; ${keysPage}`,
          )
        }
        return ok('The public token is known, and the domain of the app is authorized.')
      },
    },
  ]
}
