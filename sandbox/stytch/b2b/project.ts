import { stytchB2bProject } from '../../settings.ts'
import { createProjectKeys, type ProjectKeys } from '../keys.ts'
import { createWebhooks, type Webhooks } from '../webhooks.ts'
import { createLoginStore, type LoginStore } from './login-store.ts'
import { createB2bStore } from './seed.ts'
import type { B2bStore } from './store.ts'

/** The B2B project. It shares the clock, the inbox and the rate limits with the consumer project. */
export type B2bProject = {
  projectId: string
  secret: string
  publicToken: string
  userinfoUrl: string | null
  keys: ProjectKeys
  webhooks: Webhooks
  store: B2bStore
  logins: LoginStore
}

export function createB2bProject({
  userinfoUrl,
  ...options
}: Omit<Parameters<typeof createWebhooks>[0], 'projectId' | 'vertical'> & {
  userinfoUrl: string | null
}): B2bProject {
  const { projectId } = stytchB2bProject
  return {
    ...stytchB2bProject,
    userinfoUrl,
    keys: createProjectKeys(),
    webhooks: createWebhooks({ ...options, projectId, vertical: 'B2B' }),
    store: createB2bStore(options.clock.now()),
    logins: createLoginStore(),
  }
}

/** Restores the seed. The signing keys stay. */
export function resetB2bProject(b2b: B2bProject, now: number, userinfoUrl: string | null): void {
  b2b.store = createB2bStore(now)
  b2b.logins = createLoginStore()
  b2b.keys.mode = 'normal'
  b2b.userinfoUrl = userinfoUrl
}
