import { demoPassword, demoUsers } from '../../settings.ts'
import { escaped, type Field, type FormError, form, page } from './html.ts'

type FormState = {
  /** The path of the login, under which its pages are. */
  base: string
  email?: string
  error?: FormError
  /** The rule of the tenant's password policy, as text. */
  passwordRule: string
}

const emailField = (email: string | undefined, focus = !email): Field => ({
  name: 'email',
  label: 'Email address',
  autocomplete: 'username',
  value: email,
  focus,
})

const link = (text: string, href: string, label: string) =>
  `<p class="more">${text} <a href="${escaped(href)}">${label}</a></p>`

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
${link('', `${base}/forgot-password`, 'Forgot password?')}
${link('Don&#39;t have an account?', `${base}/signup`, 'Sign up')}
<details><summary>Demo users</summary>
<p>Their password is <code>${escaped(demoPassword)}</code>.</p>
<ul>${users.join('')}</ul>
</details>`,
  )
}

export function signupPage({ base, email, error, passwordRule }: FormState): string {
  const fields: Field[] = [
    emailField(email),
    {
      name: 'password',
      label: 'Password',
      autocomplete: 'new-password',
      hint: passwordRule,
      focus: !!email,
    },
  ]
  return page(
    'Sign up',
    `<p>Sign up to continue to Cutover.</p>
${form({ action: `${base}/signup`, fields, button: 'Continue', error })}
${link('Already have an account?', `${base}/login`, 'Log in')}`,
  )
}

export function forgotPasswordPage({ base, email, error }: FormState): string {
  return page(
    'Forgot your password?',
    `<p>Enter your email address. You get a link to set a new password.</p>
${form({ action: `${base}/forgot-password`, fields: [emailField(email, true)], button: 'Continue', error })}
${link('', `${base}/login`, 'Back to login')}`,
  )
}

export function setPasswordPage(options: {
  action: string
  passwordRule: string
  error?: FormError
}): string {
  const field: Field = {
    name: 'password',
    label: 'New password',
    autocomplete: 'new-password',
    hint: options.passwordRule,
    focus: true,
  }
  return page(
    'Set your password',
    `<p>Enter a new password for your account.</p>
${form({ ...options, fields: [field], button: 'Set password' })}`,
  )
}

/** The text is the same without an account, so that an attacker cannot find out which addresses have one. */
export const checkEmailPage = () =>
  page(
    'Check your email',
    `<p>If this address has an account, we have sent it a link to set a new password.</p>
${link('This stand-in sends no mail.', '/_sandbox/inbox', 'Open its inbox')}`,
  )

export const messagePage = (title: string, text: string) => page(title, `<p>${escaped(text)}</p>`)

/** A member of several organizations chooses one. */
export function organizationPage(
  base: string,
  organizations: { id: string; display_name: string }[],
): string {
  const buttons = organizations.map(
    ({ id, display_name }) =>
      `<button type="submit" name="organization" value="${escaped(id)}">${escaped(display_name)}</button>`,
  )
  return page(
    'Select an organization',
    `<p>Choose the organization to continue with.</p>
<form method="post" action="${escaped(base)}/organization">
${buttons.join('\n')}
</form>`,
  )
}
