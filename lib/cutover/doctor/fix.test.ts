import { describe, expect, it } from 'vitest'
import { inHouseEnvironment } from '../../../sandbox/settings.ts'
import { appBaseUrl, runForTest, setUpPractice } from './testing'

const practice = setUpPractice()
const doctor = (changes: Record<string, string>, args: string[]) =>
  runForTest({ ...practice.env, ...changes }, args)

describe('npm run doctor -- --fix', () => {
  const plant = () =>
    practice.stytch('PUT', 'project', {
      userinfoUrl: null,
      redirectUrls: [],
      pkceRequired: false,
      sdkEnabled: false,
      sessionMinutes: 60,
    })

  it('asks before each change, says what it wrote, and ends clean', async () => {
    await plant()
    const questions: string[] = []
    const confirm = async (question: string) => questions.push(question) > 0
    const { code, text } = await runForTest(practice.env, ['--fix'], { confirm })
    expect(questions).toHaveLength(5)
    expect(text.match(/^written: /gm)).toHaveLength(5)
    expect(code).toBe(0)
    expect((await practice.stytch('GET', 'project')).body).toEqual({
      userinfoUrl: `${practice.env.AUTH0_DOMAIN}/userinfo`,
      redirectUrls: [`${appBaseUrl}/authenticate`],
      pkceRequired: true,
      sdkEnabled: true,
      sessionMinutes: 43_200,
      emailTemplates: {},
    })
  })

  it('sets the userinfo URL of the in-house login, and checks nothing at Auth0', async () => {
    await plant()
    await practice.auth0('DELETE', 'requests')
    const inHouse = { ...inHouseEnvironment, AUTH0_DOMAIN: '', AUTH0_CLIENT_ID: '' }
    const { code, text } = await doctor(inHouse, ['--fix', '--yes'])
    expect((await practice.stytch('GET', 'project')).body).toMatchObject({
      userinfoUrl: `${appBaseUrl}/api/legacy/userinfo`,
    })
    expect(text).not.toContain('auth0_')
    expect((await practice.auth0('GET', 'requests')).body).toEqual([])
    expect(code).toBe(0)
  })

  it('migrates the test person after the changes, and not before', async () => {
    await plant()
    const { code, text } = await doctor({}, ['--fix', '--yes', '--migrate', 'ada@example.com'])
    expect(text.match(/^\w+ +migration /gm)).toEqual([expect.stringMatching(/^ok /)])
    expect(code).toBe(0)
  })

  it('writes nothing without an answer, and everything with --yes', async () => {
    await plant()
    const before = (await practice.stytch('GET', 'project')).body
    expect((await doctor({}, ['--fix'])).code).toBe(1)
    expect((await practice.stytch('GET', 'project')).body).toEqual(before)
    expect((await doctor({}, ['--fix', '--yes'])).code).toBe(0)
  })

  it('writes nothing when the public token is of another project than the secret', async () => {
    await plant()
    const data = {
      project_name: 'Another project',
      pkce_required_for_email_magic_links: false,
      pkce_required_for_password_resets: false,
    }
    const path = '/sdk/v1/projects/bootstrap/*'
    await practice.stytch('PUT', 'faults', [{ path, body: { data } }])
    const { text, warnings } = await doctor({}, ['--fix', '--yes'])
    expect(warnings).toEqual(['stytch_public_token'])
    expect(text).not.toContain('written')
    expect((await practice.stytch('GET', 'project')).body.userinfoUrl).toBeNull()
  })

  it('writes nothing to the environment of another public token', async () => {
    await plant()
    const before = (await practice.stytch('GET', 'project')).body
    const other = { STYTCH_PUBLIC_TOKEN: 'public-token-test-other' }
    expect((await doctor(other, ['--fix', '--yes'])).code).toBe(1)
    expect((await practice.stytch('GET', 'project')).body).toEqual(before)
  })
})
