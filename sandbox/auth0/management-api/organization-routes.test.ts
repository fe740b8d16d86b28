import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { organizationRoutes } from './organization-routes.ts'

const readme = readFileSync(`${import.meta.dirname}/../../README.md`, 'utf8')

it('README.md lists every route of organizations with its scope, and no other', () => {
  const section = readme.split('<!-- auth0-organizations:start -->')[1]?.split('<!--')[0] ?? ''
  const rows = organizationRoutes.map(({ route, scope }) => {
    const [method, path] = route.split(' ')
    return `| ${method} | \`/api/v2/${path}\` | \`${scope}\` |`
  })
  const head = ['| method | path | scope |', '| --- | --- | --- |']
  expect(section.trim().split('\n')).toEqual([...head, ...rows])
})
