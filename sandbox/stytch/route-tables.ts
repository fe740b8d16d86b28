import { readFileSync, writeFileSync } from 'node:fs'
import { pageRoutes } from './app.ts'
import { b2bFrontendRoutes } from './b2b/frontend-routes.ts'
import { b2bRoutes, backendRoutes } from './backend-api.ts'
import { frontendRoutes } from './frontend-api.ts'
import { managementRoutes } from './management-api.ts'

/** The tables of routes in the README, which are generated from the routes themselves. */

export const readmePath = `${import.meta.dirname}/../README.md`

type Row = { method: string; path: string; note: string }

function table(head: string, rows: Row[]): string {
  const lines = rows.map(({ method, path, note }) => `| ${method} | \`${path}\` | ${note} |`)
  return [`| method | path | ${head} |`, '| --- | --- | --- |', ...lines].join('\n')
}

const sections: Record<string, string> = {
  'stytch-backend': table(
    'SDK method',
    backendRoutes.map(({ sdkMethod, ...route }) => ({ ...route, note: sdkMethod })),
  ),
  'stytch-b2b-backend': table(
    'SDK method of `B2BClient`',
    b2bRoutes.map(({ sdkMethod, ...route }) => ({ ...route, note: sdkMethod })),
  ),
  'stytch-frontend': table(
    'SDK method',
    frontendRoutes.map(({ sdkMethod, ...route }) => ({ ...route, note: sdkMethod })),
  ),
  'stytch-b2b-frontend': table(
    'SDK method of `StytchB2BClient`',
    b2bFrontendRoutes.map(({ sdkMethod, ...route }) => ({ ...route, note: sdkMethod })),
  ),
  'stytch-management': table(
    'method of stytch-management',
    managementRoutes.map(({ sdkMethod, ...route }) => ({ ...route, note: sdkMethod })),
  ),
  'stytch-pages': table(
    'purpose',
    pageRoutes.map(({ purpose, ...route }) => ({ ...route, note: purpose })),
  ),
}

/** The text with new tables. */
export function withRouteTables(text: string): string {
  let renewed = text
  for (const [name, content] of Object.entries(sections)) {
    const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
    const [before, rest] = renewed.split(start)
    const after = rest?.split(end)[1]
    if (after === undefined) throw new Error(`sandbox/README.md has no markers for ${name}.`)
    renewed = `${before}${start}\n${content}\n${end}${after}`
  }
  return renewed
}

if (import.meta.main) writeFileSync(readmePath, withRouteTables(readFileSync(readmePath, 'utf8')))
