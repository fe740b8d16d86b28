import { stytchProject, urls } from '../settings.ts'
import { type ControlState, createControlState } from '../stand-in/control.ts'
import { type ConsumerStore, createConsumerStore } from './consumer/store.ts'
import { createProjectKeys, type ProjectKeys } from './keys.ts'
import { createRateLimits, type RateLimits } from './rate-limits.ts'
import type { WebhookEndpoint } from './webhooks.ts'

/** The one project that the stand-in serves: its settings and everything it remembers. */
export type Project = {
  /** Where the stand-in is reached; links in mails start with it. */
  url: string
  projectId: string
  secret: string
  publicToken: string
  /** Stytch calls it `zero_downtime_session_migration_url`; null: not configured. */
  userinfoUrl: string | null
  /** Null: nobody is told of changes. */
  webhook: WebhookEndpoint | null
  /** Where a link leads whose sender named no URL. */
  defaultRedirectUrl: string
  control: ControlState
  keys: ProjectKeys
  rateLimits: RateLimits
  consumer: ConsumerStore
}

/** A project with the seed data. Null leaves the migration or the webhooks unconfigured. */
export function createProject(
  options: { userinfoUrl?: string | null; webhook?: WebhookEndpoint | null } = {},
): Project {
  const control = createControlState({
    onReset() {
      project.consumer = createConsumerStore(control.clock.now())
      project.rateLimits.switch(false)
      project.keys.setMode('normal')
    },
  })
  const { projectId, secret, publicToken, userinfoUrl, webhook } = stytchProject
  const project: Project = {
    url: urls.stytch,
    projectId,
    secret,
    publicToken,
    userinfoUrl: options.userinfoUrl === undefined ? userinfoUrl : options.userinfoUrl,
    webhook: options.webhook === undefined ? webhook : options.webhook,
    defaultRedirectUrl: `${urls.app}/authenticate`,
    control,
    keys: createProjectKeys(),
    rateLimits: createRateLimits(control.clock.now),
    consumer: createConsumerStore(control.clock.now()),
  }
  return project
}
