import { fork } from 'node:child_process'
import { once } from 'node:events'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { appEnvironment } from '../sandbox/settings.ts'

/**
 * An instance of the app's `lib`, in an OS process with its own memory, caches and connections.
 * Two instances on one database show races that one process cannot have.
 */
export type Instance = {
  /**
   * Calls an exported function once for each list of arguments, all at once.
   * @param module path below `lib`, such as `cutover/migration/claim`
   */
  call<T>(module: string, name: string, calls: unknown[][]): Promise<Outcome<T>[]>
  stop(): Promise<void>
}

/** The result of a call, or the code of the error that it threw. */
export type Outcome<T> = { value: T } | { code: string }

type Order = { module: string; name: string; calls: unknown[][] }

/** @param modules loaded from the start, so that the first calls of two instances meet */
export async function startInstance(databaseUrl: string, modules: string[]): Promise<Instance> {
  const child = fork(import.meta.filename, modules, {
    env: { ...process.env, ...appEnvironment, DATABASE_URL: databaseUrl },
    // Next sets this condition too. It makes `server-only` an empty module.
    execArgv: ['--conditions=react-server'],
    // The default, JSON, would turn dates into text.
    serialization: 'advanced',
  })
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`The instance has stopped (${code}).`)))
  })
  ended.catch(() => {})
  const instance: Instance = {
    async call<T>(module: string, name: string, calls: unknown[][]) {
      const answered = once(child, 'message')
      child.send({ module, name, calls } satisfies Order)
      const [outcomes] = await Promise.race([answered, ended])
      return outcomes as Outcome<T>[]
    },
    async stop() {
      child.disconnect()
      await ended.catch(() => {})
    },
  }
  // The instance answers this call after it has loaded and connected.
  await instance.call('db/database', 'database', [])
  return instance
}

async function outcome(call: () => Promise<unknown>): Promise<Outcome<unknown>> {
  try {
    return { value: await call() }
  } catch (error) {
    return { code: (error as { code?: string }).code ?? String(error) }
  }
}

if (import.meta.main) {
  registerHooks({
    resolve(specifier, context, next) {
      // Bundlers accept imports without a file ending, and JSON without an import attribute. Node does not.
      const found = ['', '.ts', '.js'].map((ending) => () => next(specifier + ending, context))
      for (const [index, find] of found.entries()) {
        try {
          const resolved = find()
          const isJson = resolved.url.endsWith('.json')
          return isJson ? { ...resolved, importAttributes: { type: 'json' } } : resolved
        } catch (error) {
          if (index === found.length - 1) throw error
        }
      }
      return next(specifier, context)
    },
  })
  const database = await import('../lib/db/database')
  const pool = await database.databasePool()
  // Opens a connection for each call, so that no call waits for the connection of another.
  await Promise.all(Array.from({ length: 10 }, () => pool.query('select pg_sleep(0.1)')))
  const load = (module: string) => import(join(import.meta.dirname, '../lib', `${module}.ts`))
  for (const module of process.argv.slice(2)) await load(module)
  process.on('message', async ({ module, name, calls }: Order) => {
    const loaded = await load(module)
    process.send?.(
      await Promise.all(calls.map((args) => outcome(async () => loaded[name](...args)))),
    )
  })
  process.on('disconnect', () => void pool.end().then(() => process.exit(0)))
}
