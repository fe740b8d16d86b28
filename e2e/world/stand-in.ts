/** The control routes that both stand-ins have, as the tests use them. */

export type Fault = {
  method?: string
  path: string
  status?: number
  delayMs?: number
  drop?: boolean
  body?: unknown
  times?: number
}
export type LoggedRequest = { at: string; method: string; path: string; status: number }
export type Mail = {
  to: string
  kind: string
  code: string | null
  link: string | null
  at: string
}
/** The parts of a token that a forger may change. Null removes a claim or header. */
export type TokenOptions = {
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
  signWith?: 'own' | 'stranger'
}

export type StandIn = ReturnType<typeof standIn>

export function standIn(base: string) {
  const call = <T>(method: string, path: string, body?: unknown) =>
    callJson<T>(`${base}/_sandbox/${path}`, method, body)
  const requests = () => call<LoggedRequest[]>('GET', 'requests')
  return {
    call,
    requests,
    /** The requests except those for key sets, which the app fetches again whenever its cache expires. */
    calls: async () => (await requests()).filter(({ path }) => !path.includes('jwks')),
    forgetRequests: () => call<void>('DELETE', 'requests'),
    inbox: () => call<Mail[]>('GET', 'inbox'),
    setFaults: (faults: Fault[]) => call<void>('PUT', 'faults', faults),
    clearFaults: () => call<void>('DELETE', 'faults'),
    setClock: (offsetSeconds: number) => call<void>('PUT', 'clock', { offsetSeconds }),
    reset: () => call<void>('POST', 'reset', {}),
    setKeys: (mode: 'normal' | 'rotate' | 'empty' | 'error' | 'slow') =>
      call<void>('PUT', 'jwks', { mode }),
  }
}

async function callJson<T>(url: string, method: string, body: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return (text ? JSON.parse(text) : undefined) as T
}

/** The number of requests that a stand-in got. */
export async function count(
  of: { requests(): Promise<LoggedRequest[]> },
  method: string,
  path: string | RegExp,
): Promise<number> {
  const matches = (given: string) => (typeof path === 'string' ? given === path : path.test(given))
  return (await of.requests()).filter((each) => each.method === method && matches(each.path)).length
}
