import { getRequestListener } from '@hono/node-server'
import { listenOnLocalhost, runStandIn } from '../localhost.ts'
import { ports } from '../settings.ts'
import { createApp } from './app.ts'
import { createProject, type Project } from './project.ts'
import type { WebhookEndpoint } from './webhooks.ts'

export type StytchStandInOptions = {
  /** 0 takes any free port. */
  port?: number
  /** Where `sessions.migrate` asks whose a token is; null: not configured. */
  userinfoUrl?: string | null
  /** Who is told when a user changes; null: nobody. */
  webhook?: WebhookEndpoint | null
}

export type StytchStandIn = { url: string; project: Project; close: () => Promise<void> }

/** Starts the stand-in on localhost; rejects when the port is taken. */
export async function startStytchStandIn(
  options: StytchStandInOptions = {},
): Promise<StytchStandIn> {
  if (process.env.NODE_ENV === 'production') {
    throw new Error('The Stytch stand-in does not start with NODE_ENV=production.')
  }
  const project = createProject(options)
  const listener = getRequestListener(createApp(project).fetch)
  const port = options.port ?? ports.stytch
  const listening = await listenOnLocalhost(port, 'STYTCH_STAND_IN_PORT', listener)
  project.url = `http://localhost:${listening.port}`

  return {
    url: project.url,
    project,
    async close() {
      project.control.letGo()
      await listening.close()
    },
  }
}

if (import.meta.main) await runStandIn('Stytch', startStytchStandIn)
