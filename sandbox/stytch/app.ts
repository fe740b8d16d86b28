import { type Context, Hono } from 'hono'
import { followMemberLink } from './b2b/member-links.ts'
import { backendApi } from './backend-api.ts'
import { followLink } from './consumer/links.ts'
import { ApiError, asApiError, errorBody } from './errors.ts'
import { frontendApi } from './frontend-api.ts'
import { inboxPage } from './inbox-page.ts'
import { managementApi } from './management-api.ts'
import type { Project } from './project.ts'

type PageRoute = {
  method: 'GET'
  path: string
  purpose: string
  answer: (c: Context, project: Project) => Response | Promise<Response>
}

/** The routes outside of both APIs. */
export const pageRoutes: PageRoute[] = [
  {
    method: 'GET',
    path: '/',
    purpose: 'the inbox: the mails and codes that Stytch would have sent',
    answer: inboxPage,
  },
  { method: 'GET', path: '/inbox', purpose: 'the same', answer: inboxPage },
  {
    method: 'GET',
    path: '/v1/magic_links/redirect',
    purpose: 'the link in a mail; redirects to the URL that the app has named',
    answer(c, project) {
      const token = c.req.query('token')
      return c.redirect(followMemberLink(project, token) ?? followLink(project, token), 302)
    },
  },
  {
    method: 'GET',
    path: '/clientside-services/index.html',
    purpose: "an empty page for the browser SDK's hidden frame",
    answer: (c) => c.html('<!doctype html><html lang="en"><title>Stand-in</title></html>'),
  },
]

export function createApp(project: Project): Hono {
  const app = new Hono()
  for (const { path, answer } of pageRoutes) app.get(path, (c) => answer(c, project))
  app.route('/', frontendApi(project))
  app.route('/', backendApi(project))
  app.route('/', managementApi(project))

  const fail = (error: ApiError, c: Context) => c.json(errorBody(error), error.status as 400)
  app.notFound((c) => fail(new ApiError('route_not_found'), c))
  app.onError((error, c) => fail(asApiError(error), c))
  return app
}
