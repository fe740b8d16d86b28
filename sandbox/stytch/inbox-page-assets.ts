/** Style and script are inline, so the page loads nothing. */
export const inboxStyle = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f6f6f3, #14151a);
  --card: light-dark(#ffffff, #1d1f26);
  --line: light-dark(#dfdfd8, #343743);
  --text: light-dark(#1b1d22, #ecedf0);
  --soft: light-dark(#5b5f69, #a9adb8);
  --accent: light-dark(#17593f, #7fd6ae);
  --on-accent: light-dark(#ffffff, #0d1a14);
  --tint: light-dark(#e7f1ec, #1b2c25);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 44rem; padding: 2.5rem 1.25rem 3rem;
  background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { margin: .5rem 0 .25rem; font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; }
h2 { margin: 0; font-size: 1.0625rem; line-height: 1.35; }
p { margin: 0; }
.badge {
  display: inline-block; padding: .125rem .625rem; border-radius: 99px;
  background: var(--tint); color: var(--accent); font-size: .8125rem; font-weight: 600;
}
.lead { max-width: 36rem; color: var(--soft); }
.count { margin: 2rem 0 .75rem; color: var(--soft); font-size: .875rem; }
ol { display: grid; gap: .75rem; margin: 0; padding: 0; list-style: none; }
article, .empty {
  display: grid; gap: .75rem; padding: 1.125rem 1.25rem;
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
}
.meta {
  display: flex; flex-wrap: wrap; justify-content: space-between; gap: .125rem 1rem;
  margin-top: -.625rem; color: var(--soft); font-size: .875rem; overflow-wrap: anywhere;
}
.meta b { color: var(--text); font-weight: 500; }
.code {
  justify-self: start; padding: .375rem .875rem; border-radius: .5rem; background: var(--tint);
  font: 600 1.75rem/1.3 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  letter-spacing: .16em; user-select: all;
}
.action {
  display: inline-block; padding: .5rem 1rem; border-radius: .5rem;
  background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none;
}
.action:hover { text-decoration: underline; }
details { color: var(--soft); font-size: .875rem; }
summary { width: fit-content; cursor: pointer; }
.link {
  margin-top: .5rem; overflow-wrap: anywhere; user-select: all;
  font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
.empty { padding: 2.5rem 1.25rem; border-style: dashed; text-align: center; color: var(--soft); }
.empty h2, .empty b { color: var(--text); }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .8125rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .25rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (max-width: 30rem) { body { padding-top: 1.5rem; } .action { display: block; text-align: center; } }
`

/**
 * Loads the messages every two seconds. It replaces the list only after a change, because the user would
 * lose the selection, the focus and the opened links. Otherwise it only renews the ages.
 */
export const inboxScript = `
const list = document.querySelector('#messages')
const count = document.querySelector('.count')
async function renew() {
  if (document.hidden) return
  const response = await fetch(location.pathname).catch(() => null)
  if (!response || !response.ok) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const fresh = page.querySelector('#messages')
  if (fresh.dataset.version !== list.dataset.version) {
    list.dataset.version = fresh.dataset.version
    list.replaceChildren(...fresh.childNodes)
    count.textContent = page.querySelector('.count').textContent
    document.title = page.title
    return
  }
  const ages = fresh.querySelectorAll('time')
  list.querySelectorAll('time').forEach((time, i) => { time.textContent = ages[i].textContent })
}
setInterval(renew, 2000)
document.addEventListener('visibilitychange', renew)
`
