/** A service gave no usable answer. The message names the host, and never a token. */
export class ServiceUnreachable extends Error {
  readonly code: string
  constructor(host: string, code: string) {
    super(`${host} gave no usable answer (${code})`)
    this.name = 'ServiceUnreachable'
    this.code = code
  }
}

export type Answer = {
  status: number
  headers: Headers
  /** The body as JSON, or null when it is something else. */
  body: unknown
}

/** How far the clock of a service is ahead of ours. In milliseconds. */
export type ClockReading = { host: string; skew: number }

export type Services = {
  /** @throws {ServiceUnreachable} also for a status of 429 or 5xx, which says nothing about a setting */
  ask(url: string, init?: RequestInit): Promise<Answer>
  /** From the header `Date` of each answer. */
  clocks: ClockReading[]
}

/** In milliseconds. */
const deadline = 5_000

export function createServices(now: () => number = Date.now): Services {
  const clocks: ClockReading[] = []
  return {
    clocks,
    async ask(url, init) {
      const { host } = new URL(url)
      const startedAt = now()
      const signal = AbortSignal.timeout(deadline)
      const response = await fetch(url, { redirect: 'manual', signal, ...init }).catch(
        (error: Error) => {
          const { code } = (error.cause ?? {}) as { code?: string }
          throw new ServiceUnreachable(host, code ?? error.name)
        },
      )
      const date = Date.parse(response.headers.get('date') ?? '')
      if (!Number.isNaN(date)) clocks.push({ host, skew: date - (startedAt + now()) / 2 })
      const body: unknown = await response.json().catch(() => null)
      const { status, headers } = response
      if (status === 429 || status >= 500) throw new ServiceUnreachable(host, `status ${status}`)
      return { status, headers, body }
    },
  }
}

export const basicAuthorization = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

export const jsonRequest = (method: string, body: object, authorization = ''): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
  body: JSON.stringify(body),
})
