import { describe, expect, it } from 'vitest'
import { createBrowser } from '../../../sandbox/auth0/browser.ts'
import { demoPassword } from '../../../sandbox/settings.ts'
import { loopbackUrl } from './sign-in'
import { appBaseUrl, runForTest, setUpPractice } from './testing'

const practice = setUpPractice()
const doctor = (changes: Record<string, string>, args: string[]) =>
  runForTest({ ...practice.env, ...changes }, args)

describe('npm run doctor -- --migrate', () => {
  const users = async () =>
    (await practice.stytch('GET', 'users')).body as { email: string; sessions: number }[]

  it('migrates the session of a test person, and leaves no session behind', async () => {
    const { code, text } = await doctor({}, ['--migrate', 'ada@example.com'])
    expect(text).toMatch(/^ok +migration +.*existing user/m)
    expect(code).toBe(0)
    expect(await users()).toMatchObject([{ email: 'ada@example.com', sessions: 0 }])
    const { body: requests } = await practice.stytch('GET', 'requests')
    const paths = requests.map(({ path }: { path: string }) => path)
    expect(paths).toContain('/v1/sessions/migrate')
    expect(paths).toContain('/v1/sessions/revoke')
  })

  it('makes a user for a person whom Stytch does not know, and deletes that user again', async () => {
    const before = await users()
    const { text } = await doctor({}, ['--migrate', 'grace@example.com'])
    expect(text).toMatch(/^ok +migration +.*deleted again/m)
    expect(await users()).toEqual(before)
  })

  it.each([
    ['whose address is not verified', 'alan@example.com', /has not verified the address/],
    ['who does not exist', 'nobody@example.com', /no user with the address/],
  ])('does not migrate a person %s', async (_, email, reason) => {
    const { code, text } = await doctor({}, ['--migrate', email])
    expect(text).toMatch(reason)
    expect(code).not.toBe(0)
  })

  it('names the userinfo URL of another tenant', async () => {
    await practice.stytch('PUT', 'project', {
      userinfoUrl: `${practice.env.STYTCH_API_URL}/nothing`,
    })
    const { problems, text } = await doctor({}, ['--migrate', 'ada@example.com'])
    expect(problems).toEqual(['stytch_userinfo_url', 'migration'])
    expect(text).toContain('migrate_from_external_unexpected_response')
  })

  it('gets the token from a login in the browser when there is no stand-in', async () => {
    await practice.auth0('PUT', 'tenant', {
      callbackUrls: [
        `${appBaseUrl}/auth/callback`,
        `${appBaseUrl}/team/auth/callback`,
        loopbackUrl,
      ],
    })
    const own = {
      SANDBOX: 'false',
      CONTROL_TOKEN: '',
      METRICS_TOKEN: '',
      CRON_SECRET: '',
      AUTH0_WEBHOOK_SECRET: '',
    }
    const logIn = async (link: string) => {
      const browser = createBrowser()
      const page = await browser.open(link)
      await browser.submit(page, { email: 'ada@example.com', password: demoPassword })
    }
    let login: Promise<void> | undefined
    const { text, code } = await runForTest(
      { ...practice.env, ...own },
      ['--migrate', 'ada@example.com'],
      {
        onLine(line) {
          const link = /^http\S+authorize\S+$/m.exec(line)?.[0]
          if (link) login = logIn(link)
        },
      },
    )
    await login
    expect(text).toMatch(/^ok +migration/m)
    expect(code).toBe(0)
  })
})
