import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { auth0ControlRoutes } from './auth0/control-routes.ts'
import { createTenant } from './auth0/tenant.ts'
import { sharedControlRoutes } from './stand-in/control-routes.ts'
import { stytchControlRoutes } from './stytch/control-routes.ts'
import { createProject } from './stytch/project.ts'

const project = createProject('http://localhost:4010')
const tenant = await createTenant('http://localhost:4020/', 'http://localhost:3000')
const routes = {
  ...sharedControlRoutes(project),
  ...stytchControlRoutes(project),
  ...auth0ControlRoutes(tenant, {} as never),
}

it('README.md lists the control routes of both stand-ins, and no other', () => {
  const readme = readFileSync(`${import.meta.dirname}/README.md`, 'utf8')
  const rows = readme.split('\n').filter((line) => /^\| `[A-Z]+ [a-z][a-z0-9/-]*`/.test(line))
  const listed = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)])
  const names = Object.keys(routes).map((name) => name.replace('/_sandbox/', ''))
  expect(new Set(listed.map(([, name]) => name))).toEqual(new Set(names))
})
