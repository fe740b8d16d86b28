import { request } from 'node:http'
import { ports } from '../../sandbox/settings.ts'

type RawRequest = { method?: string; headers?: Record<string, string>; body?: string }

/** Sends a request with exactly this path and these headers. `fetch` would normalize the path, and set `Host`. */
export function rawGet(
  path: string,
  { method = 'GET', headers = {}, body: sent }: RawRequest = {},
): Promise<{ status: number; location: string | null; cookies: string[]; body: string }> {
  return new Promise((resolve, reject) => {
    request({ host: 'localhost', port: ports.app, path, method, headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location ?? null,
          cookies: response.headers['set-cookie'] ?? [],
          body,
        }),
      )
    })
      .on('error', reject)
      .end(sent)
  })
}
