import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSource } from './read-source'
import { sources } from './sources'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'source-'))
  mkdirSync(join(root, 'app/(cutover)'), { recursive: true })
  writeFileSync(join(root, 'app/(cutover)/page.tsx'), 'the home page')
  writeFileSync(join(root, '.env-test'), 'STYTCH_SECRET=secret')
})
afterEach(() => rmSync(root, { recursive: true }))

describe('the source of a screen', () => {
  it.each(Object.entries(sources))('exists for every file of %s', async (_, files) => {
    for (const file of files) expect(await readSource(file), file).toMatch(/\S/)
  })

  it('is read from the repository', async () => {
    expect(await readSource('app/(cutover)/page.tsx', root)).toBe('the home page')
  })

  it.each([
    ['a file that is not listed', 'package.json'],
    ['the environment', '.env-test'],
    ['path traversal', 'app/../.env-test'],
    ['path traversal out of the repository', '../../../../etc/passwd'],
    ['encoded path traversal', 'app/%2e%2e/.env-test'],
    ['backslashes', 'app\\..\\.env-test'],
    ['an absolute path', '/etc/passwd'],
    ['a name with a null byte', 'app/(cutover)/page.tsx\0.env-test'],
    ['a listed file by another path', 'app/./(cutover)/page.tsx'],
    ['a folder', 'app'],
    ['a property of every object', 'constructor'],
    ['an empty path', ''],
  ])('refuses %s', async (_, path) => {
    expect(await readSource(path, root)).toBeNull()
  })

  it('refuses a listed file that is a symbolic link out of the repository', async () => {
    rmSync(join(root, 'app/(cutover)/page.tsx'))
    symlinkSync('/etc/passwd', join(root, 'app/(cutover)/page.tsx'))
    expect(await readSource('app/(cutover)/page.tsx', root)).toBeNull()
  })

  it('refuses a listed file in a folder that is a symbolic link', async () => {
    mkdirSync(join(root, 'elsewhere'))
    writeFileSync(join(root, 'elsewhere/page.tsx'), 'another')
    rmSync(join(root, 'app'), { recursive: true })
    mkdirSync(join(root, 'app'))
    symlinkSync(join(root, 'elsewhere'), join(root, 'app/(cutover)'))
    expect(await readSource('app/(cutover)/page.tsx', root)).toBeNull()
  })

  it('is null if the file is missing', async () => {
    expect(await readSource('middleware.ts', root)).toBeNull()
  })
})
