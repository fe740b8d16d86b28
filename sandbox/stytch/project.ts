import { stytchB2bWebhook, stytchProject, urls } from '../settings.ts'
import { createState, type StandInState } from '../stand-in/state.ts'
import { type B2bProject, createB2bProject, resetB2bProject } from './b2b/project.ts'
import { type ConsumerStore, createConsumerStore } from './consumer/store.ts'
import { createDashboard, type Dashboard } from './dashboard.ts'
import { createProjectKeys, type ProjectKeys } from './keys.ts'
import { createRateLimits, type RateLimits } from './rate-limits.ts'
import { createWebhooks, type Webhooks } from './webhooks.ts'

export type ProjectOptions = {
  /** The URL of the app. Links and webhooks go to it. */
  appBaseUrl?: string
  /** Stytch's setting `zero_downtime_session_migration_url`. Null: not configured. */
  userinfoUrl?: string | null
  /** Null sends no webhooks. */
  webhookUrl?: string | null
  log?: (line: string) => void
}

/**
 * The consumer project that the stand-in serves: its settings, and everything that it remembers. The B2B
 * project is in `b2b`.
 */
export type Project = StandInState & {
  url: string
  projectId: string
  secret: string
  publicToken: string
  workspaceKey: { id: string; secret: string }
  userinfoUrl: string | null
  dashboard: Dashboard
  /** The target of a link that was requested without a URL. */
  defaultRedirectUrl: string
  keys: ProjectKeys
  rateLimits: RateLimits
  webhooks: Webhooks
  consumer: ConsumerStore
  b2b: B2bProject
}

/**
 * A project with the seed data.
 * @param url where the stand-in listens
 */
export function createProject(
  url: string,
  {
    appBaseUrl = urls.app,
    userinfoUrl = stytchProject.userinfoUrl,
    webhookUrl = `${appBaseUrl}/api/webhooks/stytch`,
    log = console.error,
  }: ProjectOptions = {},
): Project {
  const state = createState(() => {
    project.consumer = createConsumerStore(project.clock.now())
    project.rateLimits.switch(false)
    project.keys.mode = 'normal'
    project.userinfoUrl = userinfoUrl
    project.dashboard = createDashboard(appBaseUrl)
    resetB2bProject(project.b2b, project.clock.now(), userinfoUrl)
  })
  const { clock } = state
  const { projectId, secret, publicToken, workspaceKey, webhook } = stytchProject
  const endpointOf = ({ secret }: { secret: string }) =>
    webhookUrl === null ? null : { url: webhookUrl, secret }
  const endpoint = endpointOf(webhook)
  const project: Project = {
    ...state,
    url,
    projectId,
    secret,
    publicToken,
    workspaceKey,
    userinfoUrl,
    dashboard: createDashboard(appBaseUrl),
    defaultRedirectUrl: `${appBaseUrl}/authenticate`,
    keys: createProjectKeys(),
    rateLimits: createRateLimits(clock.now),
    webhooks: createWebhooks({ endpoint, projectId, vertical: 'CONSUMER', clock, log }),
    consumer: createConsumerStore(clock.now()),
    b2b: createB2bProject({ endpoint: endpointOf(stytchB2bWebhook), clock, log, userinfoUrl }),
  }
  return project
}
