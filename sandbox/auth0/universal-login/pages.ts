import { createHash } from 'node:crypto'
import { demoPassword, demoUsers } from '../../settings.ts'
import type { Context } from '../authentication-api/provider.ts'

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
.more { font-size: .875rem; margin: 1.25rem 0 0; }
footer { color: var(--quiet); font-size: .8125rem; text-align: center; margin: 1rem 0 0; }
details { font-size: .875rem; margin-top: 1.25rem; border-top: 1px solid var(--line); padding-top: 1rem; }
summary { cursor: pointer; }
details ul { margin: .5rem 0 0; padding-left: 1.25rem; }
details li { overflow-wrap: anywhere; }
`
const styleHash = createHash('sha256').update(style).digest('base64')

/**
 * No `form-action`: Chromium applies it to every redirect that follows the form,
 * and this one ends at the app.
 */
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

const escaped = (text: unknown) =>
  String(text ?? '').replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

const page = (title: string, body: string) => `<!doctype html>
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
<footer>A local stand-in for Auth0. Nothing you type leaves this machine.</footer>
</body>
</html>`

type Field = {
  name: 'email' | 'password'
  label: string
  value?: string
  autocomplete: string
  focus?: boolean
}

const input = (field: Field, wrong: boolean) => `<label for="${field.name}">${field.label}</label>
<input id="${field.name}" name="${field.name}" type="${field.name}" required
 autocomplete="${field.autocomplete}"${field.name === 'email' ? ' autocapitalize="none"' : ''}${
   // A password is never sent back, not even to the one who typed it.
   field.name === 'email' && field.value ? ` value="${escaped(field.value)}"` : ''
 }${field.focus ? ' autofocus' : ''}${wrong ? ' aria-invalid="true" aria-describedby="wrong"' : ''}>`

const form = (options: { action: string; fields: Field[]; button: string; error?: string }) =>
  `<form method="post" action="${escaped(options.action)}">
${options.error ? `<p class="wrong" id="wrong" role="alert">${escaped(options.error)}</p>` : ''}
${options.fields.map((field) => input(field, options.error !== undefined)).join('\n')}
<button type="submit">${options.button}</button>
</form>`

const more = (text: string, href: string, link: string) =>
  `<p class="more">${text} <a href="${escaped(href)}">${link}</a></p>`

type FormState = { base: string; email?: string; error?: string }

const emailField = (email: string | undefined, focus = !email): Field => ({
  name: 'email',
  label: 'Email address',
  autocomplete: 'username',
  value: email,
  focus,
})

/** `base` is the path of the interaction, under which its pages live. */
export function loginPage({ base, email, error }: FormState): string {
  const fields: Field[] = [
    emailField(email),
    { name: 'password', label: 'Password', autocomplete: 'current-password', focus: !!email },
  ]
  const users = demoUsers.map((user) => `<li>${escaped(user.email)} (${escaped(user.note)})</li>`)
  return page(
    'Welcome',
    `<p>Log in to continue to Cutover.</p>
${form({ action: `${base}/login`, fields, button: 'Continue', error })}
${more('', `${base}/forgot-password`, 'Forgot password?')}
${more('Don&#39;t have an account?', `${base}/signup`, 'Sign up')}
<details><summary>Demo users</summary>
<p>Password for all: <code>${escaped(demoPassword)}</code></p>
<ul>${users.join('')}</ul>
</details>`,
  )
}

export function signupPage({ base, email, error }: FormState): string {
  const fields: Field[] = [
    emailField(email),
    { name: 'password', label: 'Password', autocomplete: 'new-password', focus: !!email },
  ]
  return page(
    'Sign up',
    `<p>Sign up to continue to Cutover.</p>
${form({ action: `${base}/signup`, fields, button: 'Continue', error })}
${more('Already have an account?', `${base}/login`, 'Log in')}`,
  )
}

export function forgotPasswordPage({ base, email, error }: FormState): string {
  return page(
    'Forgot your password?',
    `<p>We will send you a link to set a new one.</p>
${form({ action: `${base}/forgot-password`, fields: [emailField(email, true)], button: 'Continue', error })}
${more('', `${base}/login`, 'Back to login')}`,
  )
}

export function setPasswordPage(options: { action: string; error?: string }): string {
  const field: Field = {
    name: 'password',
    label: 'New password',
    autocomplete: 'new-password',
    focus: true,
  }
  return page(
    'Set your password',
    `<p>Enter a new password for your account.</p>
${form({ ...options, fields: [field], button: 'Set password' })}`,
  )
}

export const messagePage = (title: string, text: string) => page(title, `<p>${escaped(text)}</p>`)
