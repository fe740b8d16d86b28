import { z } from 'zod'
import { basicAuthorization, jsonRequest, type Services } from './service'

/**
 * The part of Stytch's Management API that the doctor needs. The routes and fields are those of Stytch's package
 * `stytch-management`. The doctor does not use the package: it is an alpha version, and calls https only, so that it
 * cannot reach the stand-in.
 */

const projectsSchema = z.object({ projects: z.array(z.object({ project_slug: z.string() })) })
const environmentSchema = z.object({
  environment_slug: z.string(),
  zero_downtime_session_migration_url: z.string().default(''),
})
const environmentsSchema = z.object({ environments: z.array(environmentSchema) })
const tokensSchema = z.object({ public_tokens: z.array(z.object({ public_token: z.string() })) })
const typesSchema = z.array(
  z.object({ type: z.string().default(''), is_default: z.boolean().default(false) }),
)
const redirectsSchema = z.object({
  redirect_urls: z.array(z.object({ url: z.string(), valid_types: typesSchema })),
})
const sdkSchema = z.object({
  // The write replaces the configuration, so sections and fields that the doctor does not know must survive.
  config: z.looseObject({
    basic: z.looseObject({ enabled: z.boolean(), domains: z.array(z.string()).default([]) }),
    magic_links: z.looseObject({
      login_or_create_enabled: z.boolean(),
      pkce_required: z.boolean(),
    }),
    sessions: z.looseObject({ max_session_duration_minutes: z.number() }),
    otps: z.looseObject({ email_login_or_create_enabled: z.boolean() }),
    passwords: z.looseObject({
      enabled: z.boolean(),
      pkce_required_for_password_resets: z.boolean(),
    }),
  }),
})

const defaultSchema = z.object({ template_id: z.string() })
const templatesSchema = z.object({
  email_templates: z.array(
    z.object({
      template_id: z.string(),
      custom_html_customization: z.object({ html_content: z.string().default('') }).nullish(),
    }),
  ),
})

export type RedirectTypes = z.infer<typeof typesSchema>
export type SdkConfig = z.infer<typeof sdkSchema>['config']

/** Stytch refuses a call of the Management API, or its answer is not what the doctor knows. */
export class ManagementRefusal extends Error {
  readonly code = 'management_refused'
  readonly status: number
  constructor(route: string, status: number) {
    super(`The Management API answers status ${status} to ${route}.`)
    this.name = 'ManagementRefusal'
    this.status = status
  }
}

export type StytchEnvironment = {
  userinfoUrl: string
  setUserinfoUrl(url: string): Promise<void>
  redirectUrls(): Promise<{ url: string; valid_types: RedirectTypes }[]>
  /** @param isNew whether Stytch does not know the URL yet */
  setRedirectUrl(url: string, types: RedirectTypes, isNew: boolean): Promise<void>
  /** The HTML of the mail of a type. Null when Stytch sends a mail of its own. */
  customMail(type: string): Promise<string | null>
  sdk(): Promise<SdkConfig>
  setSdk(config: SdkConfig): Promise<void>
}

export type WorkspaceKey = { id: string; secret: string }

/**
 * Finds the environment that a public token belongs to, in all projects of the workspace.
 * @returns null when the workspace has no such public token
 * @throws {ManagementRefusal | ServiceUnreachable} as all methods of the environment
 */
export async function findEnvironment(
  { ask }: Services,
  origin: string,
  key: WorkspaceKey,
  publicToken: string,
): Promise<StytchEnvironment | null> {
  const authorization = basicAuthorization(key.id, key.secret)

  async function call<T>(schema: z.ZodType<T>, method: string, path: string, body?: object) {
    const init = body ? jsonRequest(method, body, authorization) : { headers: { authorization } }
    const answer = await ask(`${origin}/pwa/v3/projects${path}`, init)
    const parsed = schema.safeParse(answer.body)
    if (answer.status === 200 && parsed.success) return parsed.data
    const [route] = path.split('?')
    throw new ManagementRefusal(`${method} /pwa/v3/projects${route}`, answer.status)
  }
  const get = <T>(schema: z.ZodType<T>, path: string) => call(schema, 'GET', path)

  const { projects } = await get(projectsSchema, '')
  for (const { project_slug } of projects) {
    const project = `/${encodeURIComponent(project_slug)}/environments`
    const { environments } = await get(environmentsSchema, project)
    for (const environment of environments) {
      const path = `${project}/${encodeURIComponent(environment.environment_slug)}`
      const { public_tokens } = await get(tokensSchema, `${path}/public_tokens`)
      if (!public_tokens.some((each) => each.public_token === publicToken)) continue
      return {
        userinfoUrl: environment.zero_downtime_session_migration_url,
        async setUserinfoUrl(url) {
          await call(z.unknown(), 'PATCH', path, { zero_downtime_session_migration_url: url })
        },
        redirectUrls: async () =>
          (await get(redirectsSchema, `${path}/redirect_urls/all`)).redirect_urls,
        async setRedirectUrl(url, valid_types, isNew) {
          const target = isNew ? '' : `?${new URLSearchParams({ url })}`
          const body = isNew ? { url, valid_types } : { valid_types }
          await call(z.unknown(), isNew ? 'POST' : 'PUT', `${path}/redirect_urls${target}`, body)
        },
        async customMail(type) {
          const slug = `/${encodeURIComponent(project_slug)}`
          const route = `${slug}/default_email_templates/${type}`
          const chosen = await get(defaultSchema, route).catch((error: unknown) => {
            if (error instanceof ManagementRefusal && error.status === 404) return null
            throw error
          })
          if (!chosen) return null
          const { email_templates } = await get(templatesSchema, `${slug}/email_templates`)
          const template = email_templates.find((each) => each.template_id === chosen.template_id)
          return template?.custom_html_customization?.html_content ?? null
        },
        sdk: async () => (await get(sdkSchema, `${path}/sdk/consumer`)).config,
        async setSdk(config) {
          await call(z.unknown(), 'PUT', `${path}/sdk/consumer`, { config })
        },
      }
    }
  }
  return null
}
