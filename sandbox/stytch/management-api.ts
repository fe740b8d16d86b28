import { Hono } from 'hono'
import { z } from 'zod'
import { basicCredentials, jsonBody } from './api-request.ts'
import { environmentSlug, projectSlug } from './dashboard.ts'
import { ApiError } from './errors.ts'
import { newId } from './ids.ts'
import type { Project } from './project.ts'

type ManagementRoute = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  path: string
  /** The method of Stytch's package `stytch-management` that calls the route. */
  sdkMethod: string
  handle: (project: Project, sent: Record<string, unknown>) => object
}

const environment = '/pwa/v3/projects/:project_slug/environments/:environment_slug'
const validTypes = z.array(z.object({ type: z.string(), is_default: z.boolean() }))

/** The part of Stytch's Management API that the doctor asks. */
export const managementRoutes: ManagementRoute[] = [
  {
    method: 'GET',
    path: '/pwa/v3/projects',
    sdkMethod: 'projects.getAll',
    handle: () => ({
      projects: [{ project_slug: projectSlug, name: 'Cutover', vertical: 'CONSUMER' }],
    }),
  },
  {
    method: 'GET',
    path: '/pwa/v3/projects/:project_slug/email_templates',
    sdkMethod: 'emailTemplates.getAll',
    handle: ({ dashboard }) => ({ email_templates: dashboard.emailTemplates }),
  },
  {
    method: 'GET',
    path: '/pwa/v3/projects/:project_slug/default_email_templates/:email_template_type',
    sdkMethod: 'emailTemplates.getDefault',
    handle({ dashboard }, { email_template_type }) {
      const found = dashboard.emailTemplates.find(
        (each) => each.custom_html_customization.template_type === email_template_type,
      )
      if (!found) throw new ApiError('route_not_found', 'There is no default of this type.')
      return { template_id: found.template_id }
    },
  },
  {
    method: 'GET',
    path: '/pwa/v3/projects/:project_slug/environments',
    sdkMethod: 'environments.getAll',
    handle: (project) => ({ environments: [environmentOf(project)] }),
  },
  {
    method: 'PATCH',
    path: environment,
    sdkMethod: 'environments.update',
    handle(project, sent) {
      const url = sent.zero_downtime_session_migration_url
      if (url !== undefined) project.userinfoUrl = valid(z.url(), url)
      return { environment: environmentOf(project) }
    },
  },
  {
    method: 'GET',
    path: `${environment}/public_tokens`,
    sdkMethod: 'publicTokens.getAll',
    handle: ({ publicToken }) => ({ public_tokens: [{ public_token: publicToken }] }),
  },
  {
    method: 'GET',
    path: `${environment}/redirect_urls/all`,
    sdkMethod: 'redirectURLs.getAll',
    handle: ({ dashboard }) => ({ redirect_urls: dashboard.redirectUrls }),
  },
  {
    method: 'POST',
    path: `${environment}/redirect_urls`,
    sdkMethod: 'redirectURLs.create',
    handle({ dashboard }, sent) {
      const { url, valid_types } = valid(z.object({ url: z.url(), valid_types: validTypes }), sent)
      if (dashboard.redirectUrls.some((each) => each.url === url)) {
        throw new ApiError('bad_request', 'The redirect URL exists already.')
      }
      dashboard.redirectUrls = [...dashboard.redirectUrls, { url, valid_types }]
      return { redirect_url: { url, valid_types } }
    },
  },
  {
    method: 'PUT',
    path: `${environment}/redirect_urls`,
    sdkMethod: 'redirectURLs.update',
    handle({ dashboard }, sent) {
      const { url, valid_types } = valid(z.object({ url: z.url(), valid_types: validTypes }), sent)
      const found = dashboard.redirectUrls.find((each) => each.url === url)
      if (!found) throw new ApiError('bad_request', 'The redirect URL does not exist.')
      found.valid_types = valid_types
      return { redirect_url: found }
    },
  },
  {
    method: 'GET',
    path: `${environment}/sdk/consumer`,
    sdkMethod: 'sdk.getConsumerConfig',
    handle: ({ dashboard }) => ({ config: dashboard.sdk }),
  },
  {
    method: 'PUT',
    path: `${environment}/sdk/consumer`,
    sdkMethod: 'sdk.setConsumerConfig',
    handle({ dashboard }, { config }) {
      // Stytch replaces the whole configuration, so a section that the request leaves out is an error here.
      dashboard.sdk = valid(sdkSchema, config) as typeof dashboard.sdk
      return { config: dashboard.sdk }
    },
  },
]

const section = z.record(z.string(), z.unknown())
/** Sections that the stand-in does not know are kept. */
const sdkSchema = z.looseObject({
  basic: section,
  sessions: section,
  magic_links: section,
  otps: section,
  passwords: section,
})

function valid<T>(schema: z.ZodType<T>, sent: unknown): T {
  const parsed = schema.safeParse(sent)
  if (!parsed.success) throw new ApiError('bad_request', parsed.error.issues[0]?.message)
  return parsed.data
}

const environmentOf = ({ userinfoUrl }: Project) => ({
  environment_slug: environmentSlug,
  project_slug: projectSlug,
  name: 'Test',
  type: 'TEST',
  zero_downtime_session_migration_url: userinfoUrl ?? '',
})

/** Stytch serves it on a host of its own. Its credentials are those of a workspace key. */
export function managementApi(project: Project): Hono {
  const api = new Hono()
  api.use('/pwa/v3/*', async (c, next) => {
    const [id, secret] = basicCredentials(c) ?? []
    const key = project.workspaceKey
    if (id !== key.id || secret !== key.secret) throw new ApiError('unauthorized_credentials')
    return next()
  })
  for (const { method, path, handle } of managementRoutes) {
    api.on(method, path, async (c) => {
      const params = c.req.param() as Record<string, string | undefined>
      const isOurs =
        (params.project_slug ?? projectSlug) === projectSlug &&
        (params.environment_slug ?? environmentSlug) === environmentSlug
      if (!isOurs) throw new ApiError('route_not_found', 'There is no such environment.')
      const answer = handle(project, { ...c.req.query(), ...(await jsonBody(c)), ...params })
      return c.json({ request_id: newId('request-id'), status_code: 200, ...answer })
    })
  }
  return api
}
