import { readFileSync, writeFileSync } from 'node:fs'
import { pageRoutes } from './app.ts'
import { backendRoutes } from './backend-api.ts'
import { controlRoutes } from './control-routes.ts'
import { frontendRoutes } from './frontend-api.ts'

/** The README of the stand-ins, whose lists of routes are generated. */
export const readmePath = `${import.meta.dirname}/../README.md`

type Row = { method: string; path: string; note: string }

function table(head: string, rows: Row[]): string {
  const lines = rows.map(({ method, path, note }) => `| ${method} | \`${path}\` | ${note} |`)
  return [`| method | path | ${head} |`, '| --- | --- | --- |', ...lines].join('\n')
}

const sections: Record<string, string> = {
  'stytch-backend': table(
    'SDK method',
    backendRoutes.map(({ method, path, sdkMethod }) => ({ method, path, note: sdkMethod })),
  ),
  'stytch-frontend': table(
    'SDK method',
    frontendRoutes.map(({ method, path, sdkMethod }) => ({ method, path, note: sdkMethod })),
  ),
  'stytch-pages': table(
    'what it is for',
    pageRoutes.map(({ method, path, purpose }) => ({ method, path, note: purpose })),
  ),
  'stytch-control': controlRoutes.map((route) => `- \`${route}\``).join('\n'),
}

/** The text with every generated part renewed. */
export function renewReadme(text: string): string {
  let renewed = text
  for (const [name, content] of Object.entries(sections)) {
    const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
    const [before, rest] = renewed.split(start)
    const after = rest?.split(end)[1]
    if (after === undefined) throw new Error(`sandbox/README.md has lost its markers for ${name}.`)
    renewed = `${before}${start}\n${content}\n${end}${after}`
  }
  return renewed
}

if (import.meta.main) writeFileSync(readmePath, renewReadme(readFileSync(readmePath, 'utf8')))
