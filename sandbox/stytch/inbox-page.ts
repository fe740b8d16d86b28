import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import { demoUsers } from '../settings.ts'
import type { Message } from '../stand-in/inbox.ts'
import { inboxScript, inboxStyle } from './inbox-page-assets.ts'
import type { Project } from './project.ts'

const subjects: Record<string, { subject: string; action: string }> = {
  login_link: { subject: 'Your sign-in link', action: 'Sign in' },
  signup_link: { subject: 'Confirm your email address', action: 'Confirm and sign in' },
  invite: { subject: 'You are invited', action: 'Accept the invitation' },
  sms_code: { subject: 'A text message with your code', action: '' },
  email_code: { subject: 'Your sign-in code', action: '' },
  password_reset: { subject: 'Reset your password', action: 'Choose a new password' },
}

/** The mails that Stytch would have sent. */
export function inboxPage(c: Context, project: Project) {
  const now = project.clock.now()
  const messages = project.inbox.list().reverse()
  c.header('Cache-Control', 'no-store')
  c.header(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
  )
  return c.html(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <noscript><meta http-equiv="refresh" content="5"></noscript>
    <title>${messages.length > 0 ? `(${messages.length}) Inbox` : 'Inbox'} · Stytch stand-in</title>
    <style>${raw(inboxStyle)}</style>
  </head>
  <body>
    <header>
      <p class="badge">Local stand-in</p>
      <h1>Inbox</h1>
      <p class="lead">
        This server plays Stytch on your computer. It sends no mail. The mails that Stytch would
        send to your users arrive here.
      </p>
    </header>
    <main>
      <p class="count" role="status">${countText(messages.length)}</p>
      <div id="messages" data-version="${version(messages)}">
      ${messages.length > 0 ? html`<ol>${messages.map((message) => card(message, now))}</ol>` : empty()}
      </div>
    </main>
    <footer>
      Not affiliated with Stytch. New messages appear by themselves. A reset of the stand-in
      deletes all messages.
    </footer>
    <script>${raw(inboxScript)}</script>
  </body>
</html>`)
}

/** The script of the page renews the list only when this changes. */
const version = (messages: Message[]): string => `${messages.length}:${messages[0]?.at ?? ''}`

function countText(count: number): string {
  if (count === 0) return 'No messages'
  return count === 1 ? '1 message' : `${count} messages, newest first`
}

function card(message: Message, now: number) {
  const { subject, action } = subjects[message.kind] ?? { subject: message.kind, action: 'Open' }
  return html`<li>
    <article>
      <h2>${subject}</h2>
      <p class="meta">
        <span>To <b>${message.to}</b></span>
        <time datetime="${message.at}">${age(Date.parse(message.at), now)}</time>
      </p>
      ${message.code ? html`<p class="code" aria-label="Code ${[...message.code].join(' ')}">${message.code}</p>` : ''}
      ${
        message.link
          ? html`<p><a class="action" href="${message.link}">${action}<span class="hidden"> as ${message.to}</span></a></p>
      <details><summary>Show the link</summary><p class="link">${message.link}</p></details>`
          : ''
      }
    </article>
  </li>`
}

function age(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000))
  if (seconds < 10) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  return `${Math.floor(seconds / 3600)} h ago`
}

function empty() {
  const example = demoUsers[0]?.email ?? 'you@example.com'
  return html`<section class="empty">
    <h2>Nothing here yet</h2>
    <p>Sign-in links, one-time codes and password reset links appear here.</p>
    <p>Open the app's Stytch login and ask for a code as <b>${example}</b>.</p>
  </section>`
}
