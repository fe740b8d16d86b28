import type { Context } from 'hono'
import { ApiError } from './errors.ts'

/** User and password of the Authorization header. The password may hold colons. */
export function basicCredentials(c: Context): [user: string, password: string] | undefined {
  const encoded = /^Basic (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  const [user, ...password] = Buffer.from(encoded ?? '', 'base64')
    .toString()
    .split(':')
  return user && password.length > 0 ? [user, password.join(':')] : undefined
}

/** The body as an object. An empty body is an empty object. */
export async function jsonBody(c: Context): Promise<Record<string, unknown>> {
  const text = await c.req.text()
  if (text === '') return {}
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
      return body as Record<string, unknown>
    }
  } catch {
    // Refused below, like any other body that is not an object.
  }
  throw new ApiError('bad_request', 'The body must be a JSON object.')
}
