import { describe, expect, it } from 'vitest'
import { appEnvironment } from '../../sandbox/settings.ts'
import { problemsOf } from '../environment-testing'
import { parseCutoverConfig } from './config'

const product = { sandbox: false, appBaseUrl: 'https://app.example.com' }
const parse = (env: Record<string, string | undefined>) => parseCutoverConfig(env, product)
const problems = (env: Record<string, string | undefined>) => problemsOf(() => parse(env))

describe('the environment of the migration', () => {
  it('has a default for every variable, so that all routes are closed and this app stores the policy', () => {
    expect(parse({})).toEqual({
      controlToken: '',
      metricsToken: '',
      cronSecret: '',
      mirrorWorker: '',
      geoCountryHeader: '',
      policyUrl: 'https://app.example.com/api/policy',
      ownsPolicy: true,
      policyFallback: '',
      webhookSecret: '',
    })
  })

  it('accepts the sandbox, with its short tokens', () => {
    const sandbox = { sandbox: true, appBaseUrl: 'http://localhost:3000' }
    expect(parseCutoverConfig(appEnvironment, sandbox)).toMatchObject({
      controlToken: 'demo-control-token',
      metricsToken: 'demo-metrics-token',
    })
  })

  it.each([
    ['CONTROL_TOKEN', 'controlToken'],
    ['METRICS_TOKEN', 'metricsToken'],
    ['CRON_SECRET', 'cronSecret'],
  ] as const)('ignores a %s that is shorter than 32 characters', (name, key) => {
    expect(parse({ [name]: 'x'.repeat(31) })[key]).toBe('')
    expect(parse({ [name]: 'x'.repeat(32) })[key]).toBe('x'.repeat(32))
  })

  it.each([
    ['a malformed webhook secret', { STYTCH_WEBHOOK_SECRET: 'secret' }],
    [
      'a policy over http that is not localhost',
      { POLICY_URL: 'http://policy.example.com/policy.json' },
    ],
  ])('refuses %s', (_, over) => {
    expect(problems(over)).toHaveLength(1)
    expect(problems(over)[0]).toContain(Object.keys(over)[0])
  })
})
