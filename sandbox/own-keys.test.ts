import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { readOwnKeys } from './own-keys.ts'

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
