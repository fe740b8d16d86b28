import { createHash } from 'node:crypto'
import type { Context } from '../context.ts'

const style = `
:root { color-scheme: light dark; --page: #f4f5f8; --card: #fff; --text: #1e212a; --quiet: #5a5f6b;
  --line: #8c92a0; --action: #4a3fd0; --on-action: #fff; --wrong: #b3161b; }
@media (prefers-color-scheme: dark) { :root { --page: #101218; --card: #1a1d26; --text: #eceef3;
  --quiet: #a9afbd; --line: #6d7484; --action: #a8a0ff; --on-action: #14121f; --wrong: #ff9a9d; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100dvh; display: grid; place-content: center;
  grid-template-columns: minmax(0, 25rem); padding: 1rem; background: var(--page);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { background: var(--card); border-radius: .5rem; padding: 2.5rem 2rem;
  box-shadow: 0 .5rem 2rem rgb(0 0 0 / .12); }
h1 { font-size: 1.5rem; font-weight: 600; text-align: center; margin: 0 0 .25rem; }
h1 + p { text-align: center; margin: 0 0 1.5rem; }
label { display: block; font-size: .875rem; margin: 1rem 0 .25rem; }
input { width: 100%; font: inherit; color: inherit; background: transparent; padding: .625rem .75rem;
  border: 1px solid var(--line); border-radius: .25rem; }
input[aria-invalid] { border-color: var(--wrong); }
button { width: 100%; font: inherit; font-weight: 600; margin-top: 1.5rem; padding: .75rem;
  border: 0; border-radius: .25rem; background: var(--action); color: var(--on-action); cursor: pointer; }
:focus-visible { outline: 3px solid var(--action); outline-offset: 2px; }
a { color: var(--action); }
.wrong { color: var(--wrong); font-size: .875rem; margin: 1rem 0 0; }
.hint { color: var(--quiet); font-size: .8125rem; margin: .5rem 0 0; }
.more { font-size: .875rem; margin: 1.25rem 0 0; }
footer { color: var(--quiet); font-size: .8125rem; text-align: center; margin: 1rem 0 0; }
details { font-size: .875rem; margin-top: 1.25rem; border-top: 1px solid var(--line); padding-top: 1rem; }
summary { cursor: pointer; }
details ul { margin: .5rem 0 0; padding-left: 1.25rem; }
details li { overflow-wrap: anywhere; }
`
const styleHash = createHash('sha256').update(style).digest('base64')

/** There is no `form-action`: Chromium applies it to the redirects after the form too, which end at the app. */
const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; frame-ancestors 'none'`

export function sendPage(ctx: Context, status: number, html: string) {
  ctx.status = status
  ctx.type = 'html'
  ctx.set('content-security-policy', contentSecurityPolicy)
  ctx.set('cache-control', 'no-store')
  ctx.set('referrer-policy', 'no-referrer')
  ctx.set('x-content-type-options', 'nosniff')
  ctx.body = html
}

export const escaped = (text: unknown) =>
  String(text ?? '').replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

export const page = (title: string, body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${body}
</main>
<footer>A local stand-in for Auth0. Nothing that you type leaves this computer.</footer>
</body>
</html>`

export type Field = {
  name: 'email' | 'password'
  label: string
  autocomplete: string
  value?: string
  hint?: string
  focus?: boolean
}

/** Without a field, all fields are marked as invalid. */
export type FormError = { text: string; field?: Field['name'] }

function input(field: Field, isWrong: boolean): string {
  const { name, label, autocomplete, value, hint, focus } = field
  const describedBy = [isWrong && 'wrong', hint && `${name}-hint`].filter(Boolean).join(' ')
  const attributes = [
    `id="${name}" name="${name}" type="${name}" required autocomplete="${autocomplete}"`,
    name === 'email' && 'autocapitalize="none"',
    // The page never sends a password back.
    name === 'email' && value && `value="${escaped(value)}"`,
    focus && 'autofocus',
    isWrong && 'aria-invalid="true"',
    describedBy && `aria-describedby="${describedBy}"`,
  ]
  return `<label for="${name}">${label}</label>
<input ${attributes.filter(Boolean).join(' ')}>
${hint ? `<p class="hint" id="${name}-hint">${escaped(hint)}</p>` : ''}`
}

export function form(options: {
  action: string
  fields: Field[]
  button: string
  error?: FormError
}): string {
  const { action, fields, button, error } = options
  const isWrong = ({ name }: Field) => error !== undefined && (error.field ?? name) === name
  return `<form method="post" action="${escaped(action)}">
${error ? `<p class="wrong" id="wrong" role="alert">${escaped(error.text)}</p>` : ''}
${fields.map((field) => input(field, isWrong(field))).join('\n')}
<button type="submit">${button}</button>
</form>`
}
