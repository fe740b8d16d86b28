import { stytchB2bProject } from '../../settings.ts'
import { createProjectKeys, type ProjectKeys } from '../keys.ts'
import { createB2bStore } from './seed.ts'
import type { B2bStore } from './store.ts'

/** The B2B project. It shares the clock, the inbox and the rate limits with the consumer project. */
export type B2bProject = {
  projectId: string
  secret: string
  publicToken: string
  userinfoUrl: string | null
  keys: ProjectKeys
  store: B2bStore
}

export function createB2bProject(now: number, userinfoUrl: string | null): B2bProject {
  return {
    ...stytchB2bProject,
    userinfoUrl,
    keys: createProjectKeys(),
    store: createB2bStore(now),
  }
}

/** Restores the seed. The signing keys stay. */
export function resetB2bProject(b2b: B2bProject, now: number, userinfoUrl: string | null): void {
  b2b.store = createB2bStore(now)
  b2b.keys.mode = 'normal'
  b2b.userinfoUrl = userinfoUrl
}
