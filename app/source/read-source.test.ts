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
  it.each(Object.entries(sources))('of %s: every file is there', async (_, files) => {
    for (const file of files) expect(await readSource(file), file).toMatch(/\S/)
  })

  it('is read from the clone', async () => {
    expect(await readSource('app/(cutover)/page.tsx', root)).toBe('the home page')
  })

  it.each([
    ['a file that no screen names', 'package.json'],
    ['the environment', '.env-test'],
    ['a path that climbs', 'app/../.env-test'],
    ['a path that climbs out', '../../../../etc/passwd'],
    ['an encoded climb', 'app/%2e%2e/.env-test'],
    ['backslashes', 'app\\..\\.env-test'],
    ['an absolute path', '/etc/passwd'],
    ['a name with a null byte', 'app/(cutover)/page.tsx\0.env-test'],
    ['a named file by another way', 'app/./(cutover)/page.tsx'],
    ['a folder', 'app'],
    ['a name that every object has', 'constructor'],
    ['nothing', ''],
  ])('refuses %s', async (_, path) => {
    expect(await readSource(path, root)).toBeNull()
  })

  it('refuses a named file that is a symbolic link out of the clone', async () => {
    rmSync(join(root, 'app/(cutover)/page.tsx'))
    symlinkSync('/etc/passwd', join(root, 'app/(cutover)/page.tsx'))
    expect(await readSource('app/(cutover)/page.tsx', root)).toBeNull()
  })

  it('refuses a named file in a folder that is a symbolic link', async () => {
    mkdirSync(join(root, 'elsewhere'))
    writeFileSync(join(root, 'elsewhere/page.tsx'), 'another')
    rmSync(join(root, 'app'), { recursive: true })
    mkdirSync(join(root, 'app'))
    symlinkSync(join(root, 'elsewhere'), join(root, 'app/(cutover)'))
    expect(await readSource('app/(cutover)/page.tsx', root)).toBeNull()
  })

  it('is nothing where the file is missing', async () => {
    expect(await readSource('middleware.ts', root)).toBeNull()
  })
})
