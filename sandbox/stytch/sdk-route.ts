import type { Project } from './project.ts'
import type { Answer, Sent } from './request-fields.ts'

/** The type at the path `a.b.c` in T. */
type At<T, Path extends string> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? At<T[Head], Rest>
    : never
  : Path extends keyof T
    ? T[Path]
    : never

type Call<Client, Path extends string> =
  At<Client, Path> extends (...parameters: infer Parameters) => Promise<infer Response>
    ? {
        request: Parameters extends [infer Request, ...unknown[]] ? Request : object
        response: Response
      }
    : never

export type BackendRoute = {
  method: string
  path: string
  /** The SDK method that calls the route. */
  sdkMethod: string
  handle: (project: Project, sent: Record<string, unknown>) => unknown
}

/**
 * Declares routes of the backend API. The compiler compares the request and the response of a route with
 * the types of the SDK method.
 */
export function routesOf<Client>() {
  return function route<Path extends string>(
    methodAndPath: `${'GET' | 'POST' | 'PUT' | 'DELETE'} /v1/${string}`,
    sdkMethod: Path,
    handle: (
      project: Project,
      sent: Sent<Call<Client, Path>['request']>,
    ) => Answer<Call<Client, Path>['response']> | Promise<Answer<Call<Client, Path>['response']>>,
  ): BackendRoute {
    const [method = '', path = ''] = methodAndPath.split(' ')
    return { method, path, sdkMethod, handle: handle as BackendRoute['handle'] }
  }
}
