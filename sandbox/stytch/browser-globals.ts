import { vi } from 'vitest'

/**
 * Installs the browser globals that the headless SDK needs: storage, cookies, and a `fetch` that enforces
 * CORS as a browser does, with preflight requests.
 */
export function installBrowser(origin: string) {
  const jar = new Map<string, string>()
  const realFetch = globalThis.fetch

  const document = {
    get cookie() {
      return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    },
    set cookie(cookie: string) {
      const [pair = '', ...attributes] = cookie.split('; ')
      const [name = '', value = ''] = pair.split('=')
      const expires = attributes.find((attribute) => /^expires=/i.test(attribute))?.slice(8)
      if (expires && Date.parse(expires) <= Date.now()) jar.delete(name)
      else jar.set(name, value)
    },
  }

  const storage = () => {
    const items = new Map<string, string>()
    return {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => items.set(key, value),
      removeItem: (key: string) => items.delete(key),
      clear: () => items.clear(),
    }
  }
  const localStorage = storage()

  const corsFetch = async (input: string | URL, init: RequestInit = {}) => {
    const url = String(input)
    // The server SDK and the test run in the same process. CORS applies only to the browser SDK.
    if (!url.includes('/sdk/')) return realFetch(url, init)
    const headers = new Headers(init.headers)
    const names = [...headers.keys()].join(',')
    const preflight = await realFetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': init.method ?? 'GET',
        'access-control-request-headers': names,
      },
    })
    const list = (name: string) => (preflight.headers.get(name) ?? '').toLowerCase().split(/, ?/)
    const allowed =
      list('access-control-allow-methods').includes((init.method ?? 'GET').toLowerCase()) &&
      [...headers.keys()].every((name) => list('access-control-allow-headers').includes(name))
    headers.set('origin', origin)
    const response = await realFetch(url, { ...init, headers })
    const readable = [preflight, response].every(
      (answer) =>
        answer.headers.get('access-control-allow-origin') === origin &&
        answer.headers.get('access-control-allow-credentials') === 'true',
    )
    if (!allowed || !readable) throw new TypeError('Failed to fetch')
    return response
  }

  const location = new URL(origin)
  const window = { addEventListener: () => undefined, btoa, crypto, document, location }
  vi.stubGlobal('window', window)
  vi.stubGlobal('document', document)
  vi.stubGlobal('location', location)
  vi.stubGlobal('localStorage', localStorage)
  vi.stubGlobal('sessionStorage', storage())
  vi.stubGlobal('fetch', corsFetch)

  return {
    realFetch,
    cookies: () => Object.fromEntries(jar),
    setCookie: (name: string, value: string) => jar.set(name, value),
    forget() {
      jar.clear()
      localStorage.clear()
    },
  }
}
