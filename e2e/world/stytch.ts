import { stytchProject, urls } from '../../sandbox/settings.ts'
import { standIn, type TokenOptions } from './stand-in.ts'

const base = standIn(urls.stytch)

/** The Stytch stand-in of this world. */
export const stytch = {
  ...base,
  session: (email: string, options: TokenOptions & { minutes?: number } = {}) =>
    base.call<{ session_token: string; session_jwt: string }>('POST', 'session', {
      email,
      ...options,
    }),
  users: () =>
    base.call<{ id: string; email: string; external_id: string | null; sessions: number }[]>(
      'GET',
      'users',
    ),
  sessionsOf: async (email: string) =>
    (await stytch.users()).find((user) => user.email === email)?.sessions,
}

/** Calls Stytch's backend API directly, with the keys of the project. */
export async function stytchApi<T>(method: string, path: string, body?: object): Promise<T> {
  const { projectId, secret } = stytchProject
  const response = await fetch(`${urls.stytch}${path}`, {
    method,
    headers: {
      authorization: `Basic ${btoa(`${projectId}:${secret}`)}`,
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text) as T
}
