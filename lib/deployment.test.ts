import { describe, expect, it } from 'vitest'
import { deploymentLines, readDeployment } from './deployment'

const own = {
  sandbox: false,
  appBaseUrl: 'https://app.example.com',
  stytch: { kind: 'live' as const, projectId: 'project-live-1' },
}
const onTestKeys = { ...own, stytch: { kind: 'test' as const, projectId: 'project-test-1' } }

describe('a deployment', () => {
  it('says which environment and project it is', () => {
    expect(readDeployment(own)).toEqual({
      environment: 'live',
      stytchProject: 'project-live-1',
      warning: null,
    })
    expect(readDeployment({ ...onTestKeys, sandbox: true }).environment).toBe('sandbox')
  })

  it('warns about test keys on a public https address', () => {
    expect(readDeployment(onTestKeys).warning?.code).toBe('test_keys_on_public_address')
    expect(
      readDeployment({ ...onTestKeys, appBaseUrl: 'https://localhost.example.com' }).warning,
    ).not.toBeNull()
  })

  it.each([
    'http://localhost:3000',
    'https://localhost:3000',
    'https://app.localhost',
    'https://127.0.0.1',
    'https://[::1]:3000',
    'https://laptop.local',
  ])('does not warn about test keys on %s', (appBaseUrl) => {
    expect(readDeployment({ ...onTestKeys, appBaseUrl }).warning).toBeNull()
  })

  it('prints one line at the start, and a framed warning that cannot be missed', () => {
    expect(deploymentLines(own, 'tenant.eu.auth0.com')).toEqual([
      'Cutover: environment live, Stytch project project-live-1, Auth0 tenant tenant.eu.auth0.com',
    ])
    const lines = deploymentLines(onTestKeys)
    expect(lines).toHaveLength(4)
    expect(lines[2]).toContain('STYTCH_PROJECT_ENV=live')
  })
})
