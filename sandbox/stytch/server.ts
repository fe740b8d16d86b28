import { getRequestListener } from '@hono/node-server'
import { runStandIn } from '../localhost.ts'
import { ports } from '../settings.ts'
import { startStandIn } from '../stand-in/start.ts'
import { createApp } from './app.ts'
import { loadDictionaries } from './consumer/password-strength.ts'
import { stytchControlRoutes } from './control-routes.ts'
import { createProject, type Project, type ProjectOptions } from './project.ts'

export type StytchStandInOptions = ProjectOptions & {
  /** 0 takes any free port. */
  port?: number
}

export type StytchStandIn = { url: string; project: Project; close(): Promise<void> }

/** Starts the stand-in on localhost. */
export async function startStytchStandIn(
  options: StytchStandInOptions = {},
): Promise<StytchStandIn> {
  const { port = ports.stytch, log = console.error } = options
  const start = { name: 'Stytch', port, portVariable: 'STYTCH_STAND_IN_PORT', log }
  const { url, state, close } = await startStandIn(start, (url) => {
    const project = createProject(url, options)
    return {
      state: project,
      controlRoutes: stytchControlRoutes(project),
      serve: getRequestListener(createApp(project).fetch, { overrideGlobalObjects: false }),
      // A browser lets a page read a response from another origin only with these headers.
      completeFault(fault, { headers: { origin } }) {
        if (!origin) return fault
        const cors = {
          'access-control-allow-origin': origin,
          'access-control-allow-credentials': 'true',
        }
        return { ...fault, headers: { ...cors, ...fault.headers } }
      },
      pages: ['/', '/inbox'],
    }
  })
  return { url, project: state, close }
}

if (import.meta.main) {
  await runStandIn('Stytch', startStytchStandIn)
  // Otherwise the first sign-up could run into the deadline of the app.
  loadDictionaries()
}
