import { vi } from 'vitest'

/**
 * Vitest runs this before each test file. The files of a worker share the packages in node_modules, and load our own
 * modules again, so that no file sees the caches and settings of another.
 */

const shared = globalThis as { __cutover?: unknown; __environment?: NodeJS.ProcessEnv }

vi.resetModules()
vi.useRealTimers()
vi.restoreAllMocks()
vi.unstubAllGlobals()
// What `lib/per-process.ts` keeps.
delete shared.__cutover
shared.__environment ??= { ...process.env }
for (const name of Object.keys(process.env)) {
  if (!(name in shared.__environment)) delete process.env[name]
}
Object.assign(process.env, shared.__environment)
