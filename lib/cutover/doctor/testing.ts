import { afterAll, beforeAll, beforeEach } from 'vitest'
import { startAuth0StandIn } from '../../../sandbox/auth0/server.ts'
import { appEnvironment, stytchProject } from '../../../sandbox/settings.ts'
import { controlClient } from '../../../sandbox/stand-in/control-client.ts'
import { startStytchStandIn } from '../../../sandbox/stytch/server.ts'
import { createTestDatabase } from '../../db/testing'
import { runDoctor } from './command'

/** Only for tests of the doctor: both stand-ins and a database, without a mistake. */
export type Practice = {
  /** The environment of an app that uses them. */
  env: Record<string, string>
  auth0: ReturnType<typeof controlClient>
  stytch: ReturnType<typeof controlClient>
}

export const appBaseUrl = 'http://localhost:3999'

/** Starts them for one test file. Each test begins with the seed data. */
export function setUpPractice(): Practice {
  const practice = {} as Practice
  let close: () => Promise<unknown>
  beforeAll(async () => {
    const log = () => {}
    const auth0 = await startAuth0StandIn({ port: 0, appBaseUrl, log })
    const userinfoUrl = `${auth0.url}/userinfo`
    const options = { port: 0, appBaseUrl, userinfoUrl, webhookUrl: null, log }
    const stytch = await startStytchStandIn(options)
    close = () => Promise.all([auth0.close(), stytch.close()])
    practice.auth0 = controlClient(auth0.url)
    practice.stytch = controlClient(stytch.url)
    practice.env = {
      ...appEnvironment,
      APP_BASE_URL: appBaseUrl,
      TEAM_HOSTS: '',
      AUTH0_DOMAIN: auth0.url,
      STYTCH_API_URL: stytch.url,
      STYTCH_WORKSPACE_KEY_ID: stytchProject.workspaceKey.id,
      STYTCH_WORKSPACE_KEY_SECRET: stytchProject.workspaceKey.secret,
      DATABASE_URL: await createTestDatabase(),
    }
  })
  beforeEach(() => Promise.all([practice.auth0('POST', 'reset'), practice.stytch('POST', 'reset')]))
  afterAll(() => close())
  return practice
}

/** Runs the doctor, and reads its report as a person does. */
export async function runForTest(
  env: Record<string, string>,
  args: string[] = [],
  options: {
    confirm?: (question: string) => Promise<boolean>
    onLine?: (line: string) => void
  } = {},
) {
  const lines: string[] = []
  const code = await runDoctor(args, {
    env,
    print(line) {
      lines.push(line)
      options.onLine?.(line)
    },
    confirm: options.confirm ?? null,
  })
  const text = lines.join('\n')
  const codes = (state: string) =>
    [...text.matchAll(new RegExp(`^${state} +(\\w+)`, 'gm'))].map(([, name]) => name)
  return { code, text, codes, problems: codes('problem'), warnings: codes('warning') }
}
