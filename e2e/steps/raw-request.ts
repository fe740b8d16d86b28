import { request } from 'node:http'
import { ports } from '../../sandbox/settings.ts'

/** Sends a request with exactly this path. `fetch` would normalize the path first. */
export function rawGet(
  path: string,
): Promise<{ status: number; location: string | null; body: string }> {
  return new Promise((resolve, reject) => {
    request({ host: 'localhost', port: ports.app, path }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location ?? null,
          body,
        }),
      )
    })
      .on('error', reject)
      .end()
  })
}
