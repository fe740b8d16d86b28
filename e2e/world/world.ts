import { startAuth0StandIn } from '../../sandbox/auth0/server.ts'
import { startStytchStandIn } from '../../sandbox/stytch/server.ts'
import { type RunningApp, startApp } from './app.ts'
import { openDatabase } from './database.ts'
import { furtherAppPorts } from './environment.ts'
import { userinfoUrl } from './legacy-provider.ts'
import { isRealStytch, realStytch } from './real-stytch.ts'

/**
 * The servers for the tests of one Playwright worker. A world has both stand-ins, in the worker's process, a
 * database and the app. Each world has its own policy, clocks and faults, so workers can run in parallel. The
 * tests of one worker run one after the other.
 */
export type World = {
  app: RunningApp
  /** Starts a further app on the same database and stand-ins, at a port that is free. */
  startApp(environment?: Record<string, string>): Promise<RunningApp>
  stop(): Promise<void>
}

/** @param name of its database, unique among the worlds of a run */
export async function startWorld(
  name: string,
  environment: Record<string, string>,
): Promise<World> {
  const database = await openDatabase(name)
  const standIns = await Promise.all([
    startAuth0StandIn(),
    ...(isRealStytch ? [] : [startStytchStandIn({ userinfoUrl: userinfoUrl() })]),
  ])
  const freePorts = new Set(furtherAppPorts)
  const apps = new Set<RunningApp>()

  async function start(port: number, more: Record<string, string> = {}): Promise<RunningApp> {
    const app = await startApp({ port, databaseUrl: database.url, environment: more })
    apps.add(app)
    return app
  }

  return {
    app: await start(Number(process.env.PORT), { ...environment, ...realStytch() }),
    async startApp(more) {
      const [port] = freePorts
      if (port === undefined) throw new Error('Too many apps run in this world.')
      freePorts.delete(port)
      const app = await start(port, { ...environment, ...more })
      const stop = async () => {
        apps.delete(app)
        await app.stop()
        freePorts.add(port)
      }
      return { ...app, stop }
    },
    async stop() {
      await Promise.all([...apps].map((app) => app.stop()))
      await Promise.all(standIns.map((each) => each.close()))
      await database.close()
    },
  }
}
