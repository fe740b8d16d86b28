import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { next, root, startChild } from '../../sandbox/processes.ts'
import { appEnvironment } from '../../sandbox/settings.ts'

/** An instance of the app's production build. */

export type RunningApp = {
  url: string
  /** The last lines that the app has printed. */
  output(): string
  stop(): Promise<void>
}

export type AppOptions = {
  port: number
  databaseUrl: string
  /** Variables that extend or override the environment of the demo. */
  environment?: Record<string, string>
}

/**
 * Empty values switch the mirror off. With the mirror on, each new user causes calls at Auth0 a moment later.
 * Most tests count the calls at the providers.
 */
const withoutMirror = { AUTH0_MANAGEMENT_CLIENT_ID: '', AUTH0_MANAGEMENT_CLIENT_SECRET: '' }
/** The values that switch the mirror on, for `environment`. */
export const withMirror = {
  AUTH0_MANAGEMENT_CLIENT_ID: appEnvironment.AUTH0_MANAGEMENT_CLIENT_ID as string,
  AUTH0_MANAGEMENT_CLIENT_SECRET: appEnvironment.AUTH0_MANAGEMENT_CLIENT_SECRET as string,
}

// An editor's test runner may have started this process on another Node version.
const node = join(root, 'node_modules/node/bin/node')
const startMs = 40_000

/**
 * Starts the app and waits until it answers.
 * @throws an error with the output of the app, if it does not answer
 */
export async function startApp({
  port,
  databaseUrl,
  environment,
}: AppOptions): Promise<RunningApp> {
  const url = `http://localhost:${port}`
  const app = startChild('app', node, [next, 'start', '-p', String(port), '-H', 'localhost'], {
    env: {
      ...process.env,
      ...appEnvironment,
      ...withoutMirror,
      NODE_ENV: 'production',
      PORT: String(port),
      APP_BASE_URL: url,
      DATABASE_URL: databaseUrl,
      ...environment,
    },
  })
  let hasEnded = false
  app.ended.then(() => {
    hasEnded = true
  })
  for (const deadline = Date.now() + startMs; !(await answers(url)); await wait(20)) {
    if (hasEnded || Date.now() > deadline) {
      await app.stop()
      throw new Error(`The app at ${url} does not answer:\n${app.output()}`)
    }
  }
  return { url, output: app.output, stop: app.stop }
}

/** Sends no credentials, so that the app asks no provider. */
async function answers(url: string): Promise<boolean> {
  try {
    const { status } = await fetch(`${url}/api/me`, { signal: AbortSignal.timeout(10_000) })
    return status === 401
  } catch {
    return false
  }
}
