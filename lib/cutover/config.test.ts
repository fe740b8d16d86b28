import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { root } from '../../sandbox/processes.ts'
import { appEnvironment } from '../../sandbox/settings.ts'
import { problemsOf } from '../environment-testing'
import { parseCutoverConfig } from './config'
import { parseFallback } from './policy/source'

const product = { sandbox: false, appBaseUrl: 'https://app.example.com' }
const own = { POLICY_READER_SECRET: 'r'.repeat(32) }
const parse = (env: Record<string, string | undefined>) =>
  parseCutoverConfig({ ...own, ...env }, product)
const problems = (env: Record<string, string | undefined>) => problemsOf(() => parse(env))

describe('the environment of the migration', () => {
  it('has a default for every other variable, so that all routes are closed and this app stores the policy', () => {
    expect(parse({})).toEqual({
      controlToken: '',
      metricsToken: '',
      cronSecret: '',
      legacyWebhookSecret: '',
      legacyPollSeconds: 300,
      forwardWrites: false,
      mirrorWorker: '',
      migrationsPerSecond: 5,
      organizationRoles: new Map(),
      geoCountryHeader: '',
      policyUrl: 'https://app.example.com/api/policy',
      policyReaderSecrets: ['r'.repeat(32)],
      ownsPolicy: true,
      policyFallback: '',
      webhookSecret: '',
      teamWebhookSecret: '',
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
    ['AUTH0_WEBHOOK_SECRET', 'legacyWebhookSecret'],
  ] as const)('ignores a %s that is shorter than 32 characters', (name, key) => {
    expect(parse({ [name]: 'x'.repeat(31) })[key]).toBe('')
    expect(parse({ [name]: 'x'.repeat(32) })[key]).toBe('x'.repeat(32))
  })

  it('refuses forward writes without the client that reads users', () => {
    const wanted = { FORWARD_WRITES: 'on' }
    expect(problems(wanted).join()).toContain('AUTH0_MANAGEMENT_CLIENT_ID')
    expect(parse({ ...wanted, AUTH0_MANAGEMENT_CLIENT_ID: 'id' }).forwardWrites).toBe(true)
    const inHouse = { AUTH0_MANAGEMENT_CLIENT_ID: 'id', LEGACY_PROVIDER: 'in-house' }
    expect(() => parse({ ...wanted, ...inHouse })).toThrow(/FORWARD_WRITES/)
  })

  it('maps roles of Auth0 to roles of Stytch', () => {
    const { organizationRoles } = parse({
      ORGANIZATION_ROLES: ' admin=stytch_admin, Team lead = lead,editor=editor, ',
    })
    expect([...organizationRoles]).toEqual([
      ['admin', 'stytch_admin'],
      ['Team lead', 'lead'],
      ['editor', 'editor'],
    ])
  })

  it.each([
    ['admin', 'such as admin=stytch_admin'],
    ['admin=', 'such as admin=stytch_admin'],
    ['=editor', 'such as admin=stytch_admin'],
    ['admin=a role', 'such as admin=stytch_admin'],
    ['admin=editor=stytch_admin', 'such as admin=stytch_admin'],
    ['admin=editor,admin=stytch_admin', 'names a role of Auth0 twice'],
    ['viewer=stytch_member', 'names stytch_member'],
  ])('refuses the roles %j', (value, problem) => {
    const found = problems({ ORGANIZATION_ROLES: value }).join()
    expect(found).toMatch(/^ORGANIZATION_ROLES/)
    expect(found).toContain(problem)
  })

  it.each(['0', '-1', '1.5', 'fast', '1001'])('refuses %j migrations a second', (value) => {
    expect(problems({ MIGRATIONS_PER_SECOND: value }).join()).toContain('MIGRATIONS_PER_SECOND')
  })

  it.each([
    ['a missing key of the policy reader', { POLICY_READER_SECRET: undefined }],
    ['a short key of the policy reader', { POLICY_READER_SECRET: 'short' }],
    ['a malformed webhook secret', { STYTCH_WEBHOOK_SECRET: 'secret' }],
    ['a malformed webhook secret of teams', { STYTCH_B2B_WEBHOOK_SECRET: 'secret' }],
    [
      'a policy over http that is not localhost',
      { POLICY_URL: 'http://policy.example.com/policy.json' },
    ],
    [
      'to ask itself for the policy without end',
      { POLICY_URL: 'https://app.example.com/api/policy' },
    ],
    [
      'its own address in another spelling',
      { POLICY_URL: 'HTTPS://APP.example.com:443/api/./policy/?from=edge' },
    ],
  ])('refuses %s', (_, over) => {
    expect(problems(over)).toHaveLength(1)
    expect(problems(over)[0]).toContain(Object.keys(over)[0])
  })

  it.each(['https://other.example.com/api/policy', 'https://app.example.com/policy.json'])(
    'accepts the policy of another place: %s',
    (POLICY_URL) => {
      expect(parse({ POLICY_URL })).toMatchObject({ policyUrl: POLICY_URL, ownsPolicy: false })
    },
  )
})

/** The settings that only the stand-ins need. */
const ofTheSandbox = ['SANDBOX', 'STYTCH_API_URL']

it.each(['.env-test.example', '.env-live.example'])('%s has every setting of the app', (file) => {
  const example = readFileSync(join(root, file), 'utf8')
  const settings = globSync(['lib/{,*/}config.ts', 'lib/legacy/*/settings.ts'], {
    cwd: root,
  }).flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(
      ([, name = '']) => name,
    ),
  )
  expect(settings).toContain('POLICY_FALLBACK')
  const named = new Set(
    [...example.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name),
  )
  expect(settings.filter((name) => !named.has(name) && !ofTheSandbox.includes(name))).toEqual([])

  // The values behind a comment sign are examples, so each must be valid.
  const uncommented = parseEnv(example.replaceAll(/^# (?=[A-Z][A-Z0-9_]+=)/gm, ''))
  expect(parse({ ...uncommented, ...own })).toMatchObject({ ownsPolicy: false })
  expect(parseFallback(uncommented.POLICY_FALLBACK ?? '').cohort).toBe('everybody')
})
