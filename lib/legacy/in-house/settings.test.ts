import { describe, expect, it } from 'vitest'
import { inHouseEnvironment, urls } from '../../../sandbox/settings.ts'
import { problemsOf } from '../../environment-testing'
import { parseLegacyConfig } from '../config'

const product = { sandbox: true, appBaseUrl: `${urls.app}/` }
const problems = (env: Record<string, string>) => problemsOf(() => parseLegacyConfig(env, product))

describe('the environment of the in-house login', () => {
  it('needs no setting of Auth0, and has its own issuer and userinfo route', () => {
    expect(parseLegacyConfig(inHouseEnvironment, product)).toMatchObject({
      provider: 'in-house',
      name: 'Cutover ID',
      issuer: `${urls.app}/legacy`,
      userinfoUrls: [`${urls.app}/api/legacy/userinfo`],
      sessionSeconds: 3 * 24 * 60 * 60,
    })
  })

  it('names the variable of a short secret, a wrong lifetime and an unknown provider', () => {
    expect(problems({ ...inHouseEnvironment, LEGACY_SESSION_SECRET: 'short' }).join()).toContain(
      'LEGACY_SESSION_SECRET',
    )
    expect(problems({ ...inHouseEnvironment, LEGACY_SESSION_SECONDS: '10' }).join()).toContain(
      'LEGACY_SESSION_SECONDS',
    )
    expect(problems({ LEGACY_PROVIDER: 'okta' }).join()).toContain('LEGACY_PROVIDER')
  })

  it('is Auth0 without a choice, so that a deployment of before goes on', () => {
    expect(problems({}).join()).toContain('AUTH0_DOMAIN')
    expect(problems({ LEGACY_PROVIDER: '' }).join()).toContain('AUTH0_DOMAIN')
  })
})
