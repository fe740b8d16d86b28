/**
 * A browser without JavaScript: it keeps cookies by path, follows redirects and submits forms. Its
 * cookies ignore ports, as in a real browser.
 */
export function createBrowser() {
  const cookies: { name: string; value: string; path: string }[] = []

  const remember = (response: Response) => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const name = pair.slice(0, pair.indexOf('='))
      const attribute = (wanted: string) =>
        attributes.find((part) => part.toLowerCase().startsWith(`${wanted}=`))?.split('=')[1]
      const path = attribute('path') ?? '/'
      const index = cookies.findIndex((cookie) => cookie.name === name && cookie.path === path)
      if (index >= 0) cookies.splice(index, 1)
      const expires = attribute('expires')
      const isExpired =
        attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) <= Date.now())
      if (!isExpired) cookies.push({ name, value: pair.slice(name.length + 1), path })
    }
  }

  const cookieHeader = (url: URL) =>
    cookies
      .filter(
        ({ path }) => url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/')),
      )
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')

  const request = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const target = new URL(url)
    const headers = new Headers(init.headers)
    headers.set('cookie', cookieHeader(target))
    const response = await fetch(target, { ...init, headers, redirect: 'manual' })
    remember(response)
    return response
  }

  /** Follows redirects to a page, or to an address that starts with `stopAt`, which it does not open. */
  const follow = async (from: Response, base: string, stopAt?: string): Promise<Page> => {
    let response = from
    let url = base
    for (let hops = 0; hops < 10; hops++) {
      const location = response.headers.get('location')
      if (!location) return { url, status: response.status, html: await response.text() }
      url = new URL(location, url).href
      if (stopAt && url.startsWith(stopAt)) return { url, status: response.status, html: '' }
      response = await request(url)
    }
    throw new Error(`Too many redirects. The last one was to ${url}.`)
  }

  return {
    cookieHeader,
    remember,
    names: () => cookies.map(({ name }) => name),
    async open(url: string, stopAt?: string) {
      return follow(await request(url), url, stopAt)
    },
    /** Submits the only form of a page. */
    async submit(page: Page, fields: Record<string, string>, stopAt?: string) {
      const action = /<form method="post" action="([^"]*)"/.exec(page.html)?.[1]
      if (!action) throw new Error(`There is no form on ${page.url}: ${page.html}`)
      const url = new URL(action, page.url).href
      const body = new URLSearchParams(fields)
      return follow(await request(url, { method: 'POST', body }), url, stopAt)
    },
  }
}

export type Page = { url: string; status: number; html: string }
