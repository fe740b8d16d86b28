import { ApiError } from './errors.ts'
import type { Project } from './project.ts'

export type Fields = Record<string, unknown>

/** A request of the browser SDK. */
export type FrontendCall = {
  /** The body and the path parameters. */
  sent: Fields
  /** From the Authorization header. */
  sessionToken: string | undefined
  /** The facts about the browser that Stytch reads from the request. */
  attributes: { ip_address: string; user_agent: string }
}

export type FrontendRoute = {
  method: string
  path: string
  /** The SDK method that calls the route. */
  sdkMethod: string
  handle: (project: Project, call: FrontendCall) => unknown
}

export function frontendRoute(
  methodAndPath: `${'GET' | 'POST' | 'PUT' | 'DELETE'} /sdk/v1/${string}`,
  sdkMethod: string,
  handle: FrontendRoute['handle'],
): FrontendRoute {
  const [method = '', path = ''] = methodAndPath.split(' ')
  return { method, path, sdkMethod, handle }
}

/** A handler of the backend API. The two APIs differ only in how they send the session. */
export type BackendHandler = (project: Project, sent: Fields) => unknown

/** Ignores the session of the browser. */
export const withoutSession =
  (handler: BackendHandler) =>
  (project: Project, { sent }: FrontendCall) =>
    handler(project, sent)

/** Needs a live session. For a dead one, it answers the error at which the SDK removes its cookies. */
export const withSession =
  (handler: BackendHandler) => async (project: Project, call: FrontendCall) => {
    const { sent, sessionToken, attributes } = call
    if (!sessionToken) throw new ApiError('user_unauthenticated')
    try {
      return await handler(project, { ...sent, session_token: sessionToken, attributes })
    } catch (error) {
      const isDead = error instanceof ApiError && error.type === 'session_not_found'
      throw isDead ? new ApiError('unauthorized_credentials') : error
    }
  }
