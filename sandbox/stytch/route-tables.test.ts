import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createApp, pageRoutes } from './app.ts'
import { b2bFrontendRoutes } from './b2b/frontend-routes.ts'
import { b2bRoutes, backendRoutes } from './backend-api.ts'
import { frontendRoutes } from './frontend-api.ts'
import { managementRoutes } from './management-api.ts'
import { createProject } from './project.ts'
import { readmePath, withRouteTables } from './route-tables.ts'

it('the tables in sandbox/README.md are up to date (if not, run `node sandbox/stytch/route-tables.ts`)', () => {
  const readme = readFileSync(readmePath, 'utf8')
  expect(withRouteTables(readme)).toBe(readme)
})

it('the app serves the routes of the tables, and no other routes', () => {
  const app = createApp(createProject('http://localhost:4010'))
  const served = app.routes.filter(({ method }) => method !== 'ALL')
  const listed = [
    ...backendRoutes,
    ...b2bRoutes,
    ...frontendRoutes,
    ...b2bFrontendRoutes,
    ...managementRoutes,
    ...pageRoutes,
  ]
  const names = (routes: { method: string; path: string }[]) =>
    routes.map(({ method, path }) => `${method} ${path}`).sort()
  expect(names(served)).toEqual(names(listed))
})
