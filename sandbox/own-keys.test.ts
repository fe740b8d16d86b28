import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { parseCutoverConfig } from '../lib/cutover/config.ts'
import { parseFallback } from '../lib/cutover/policy/source.ts'
import { readOwnKeys } from './own-keys.ts'
import { root } from './processes.ts'

const folder = mkdtempSync(join(tmpdir(), 'cutover-keys-'))
const write = (text: string) => writeFileSync(join(folder, '.env-test'), text)

afterEach(() => {
  vi.unstubAllEnvs()
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

it('finds no keys without the file, or in a copy of the example without keys', () => {
  expect(readOwnKeys(folder)).toBeNull()
  write('STYTCH_PROJECT_ID=\nSTYTCH_SECRET=\nAUTH0_DOMAIN=tenant.eu.auth0.com\n')
  expect(readOwnKeys(folder)).toBeNull()
})

it('reads the keys, and lets the environment override them as next.config.ts does', () => {
  vi.stubEnv('APP_BASE_URL', 'http://localhost:3999')
  write(
    'STYTCH_PROJECT_ID=project-test-1\nSTYTCH_SECRET=secret-test-1\nAPP_BASE_URL=http://localhost:3000\n',
  )
  expect(readOwnKeys(folder)).toMatchObject({
    STYTCH_PROJECT_ID: 'project-test-1',
    APP_BASE_URL: 'http://localhost:3999',
  })
})

/** The settings that only the stand-ins need. */
const ofTheSandbox = ['SANDBOX', 'STYTCH_API_URL']

it.each(['.env-test.example', '.env-live.example'])('%s has every setting of the app', (file) => {
  const example = readFileSync(join(root, file), 'utf8')
  const settings = globSync('lib/{,*/}config.ts', { cwd: root }).flatMap((path) =>
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
  const product = { sandbox: false, appBaseUrl: 'https://app.example.com' }
  expect(parseCutoverConfig(uncommented, product)).toMatchObject({
    trustedProxyHops: 1,
    ownsPolicy: false,
  })
  expect(parseFallback(uncommented.POLICY_FALLBACK ?? '').cohort).toBe('everybody')
})
