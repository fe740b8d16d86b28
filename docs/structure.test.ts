import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { describe, expect, it } from 'vitest'

/** Checks the code against the rules of docs/structure.md. */

const root = join(import.meta.dirname, '..')
const files = globSync('{app,lib,sandbox,e2e,docs}/**/*.{ts,tsx,mjs}', { cwd: root })
  .concat(globSync('*.{ts,mjs}', { cwd: root }))
  .filter(
    (file) =>
      !/^docs\/(?:after-the-migration|one-audience)\//.test(file) && !file.endsWith('.d.ts'),
  )
  .sort()
const known = new Set(files)
const text = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))

/** Test code may import across rooms: it drives the stand-ins. */
const isTest = (file: string): boolean => /\.(test|spec)\.tsx?$|testing\.tsx?$/.test(file)

/** The files that a file imports, by `import`, `export … from` and `import()`. */
function importsOf(file: string): string[] {
  const specifiers = (text.get(file) ?? '').matchAll(
    /(?:\bfrom|\bimport)\s*\(?\s*['"]((?:\.{1,2}|@)\/[^'"]+)['"]/g,
  )
  return [...specifiers].flatMap(([, specifier = '']) => {
    const path = specifier.startsWith('@/') ? specifier.slice(2) : join(dirname(file), specifier)
    return (
      ['', '.ts', '.tsx', '.mjs'].map((end) => path + end).find((each) => known.has(each)) ?? []
    )
  })
}
const imports = new Map(files.map((file) => [file, importsOf(file)]))

const page = readFileSync(join(import.meta.dirname, 'structure.md'), 'utf8')
const rooms = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, room = '']) => room)

/** The room of a file: the longest entry of the table that the file is or lies in. */
const roomOf = (file: string): string =>
  rooms
    .filter((room) => file === room || file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0] ?? ''

const product = files.filter((file) => !isTest(file) && roomOf(file) !== '')

/** Every import between two files of the product that `isWrong` says is one too many. */
const wrongImports = (isWrong: (from: string, to: string) => boolean): string[] =>
  product.flatMap((from) =>
    (imports.get(from) ?? [])
      .filter((to) => !isTest(to) && isWrong(from, to))
      .map((to) => `${from} -> ${to}`),
  )

const isIn = (file: string, ...folders: string[]): boolean =>
  folders.some((folder) => file.startsWith(`${folder}/`))

/** The demo, the benchmark and the tests call it. */
const migrateCommand = 'lib/server/migrate-database.ts'

describe('the structure', () => {
  it('is read from the table, and the imports from the code', () => {
    expect(rooms.length).toBeGreaterThan(20)
    expect(imports.get('middleware.ts')).toContain('lib/cutover/routing/assess.ts')
    expect(product).toContain('app/(cutover)/control/page.tsx')
  })

  it('has a room for every file of the product', () => {
    expect(files.filter((file) => isIn(file, 'app', 'lib') && roomOf(file) === '')).toEqual([])
    expect(
      product.filter((file) => /^lib\/cutover\/[^/]+\//.test(file) && roomOf(file) === 'lib'),
    ).toEqual([])
  })

  it('lets a room import only rooms below it', () => {
    expect(
      wrongImports((from, to) => rooms.indexOf(roomOf(to)) < rooms.indexOf(roomOf(from))),
    ).toEqual([])
  })

  it('keeps the two providers apart', () => {
    expect(
      wrongImports(
        (from, to) =>
          (isIn(from, 'lib/legacy') && isIn(to, 'lib/stytch')) ||
          (isIn(from, 'lib/stytch') && isIn(to, 'lib/legacy')),
      ),
    ).toEqual([])
  })

  it('lets the product reach the migration by its two seams only', () => {
    expect(
      wrongImports(
        (from, to) =>
          isIn(from, 'app') &&
          !isIn(from, 'app/(cutover)') &&
          (isIn(to, 'lib/cutover', 'lib/legacy') ||
            (isIn(to, 'app/(cutover)') && from !== 'app/seam.tsx')),
      ),
    ).toEqual([])
  })

  it('keeps the sandbox and the product apart', () => {
    const sandbox = files.filter((file) => isIn(file, 'sandbox') && !isTest(file))
    const out = sandbox.flatMap((from) =>
      (imports.get(from) ?? [])
        .filter((to) => isIn(to, 'app', 'lib') && to !== migrateCommand)
        .map((to) => `${from} -> ${to}`),
    )
    expect(out).toEqual([])
    expect(wrongImports((_, to) => isIn(to, 'sandbox'))).toEqual([])
  })

  it('has no circle of imports', () => {
    expect(circles()).toEqual([])
  })

  it('has no file of more than 350 lines', () => {
    const long = files.filter((file) => (text.get(file) ?? '').split('\n').length > 351)
    expect(long).toEqual([])
  })
})

/** Every circle that a walk along the imports meets, as `a -> b -> a`. */
function circles(): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const walk = (file: string, path: string[]) => {
    const at = path.indexOf(file)
    if (at >= 0) found.push([...path.slice(at), file].join(' -> '))
    if (at >= 0 || done.has(file)) return
    for (const next of imports.get(file) ?? []) walk(next, [...path, file])
    done.add(file)
  }
  for (const file of files) walk(file, [])
  return found
}
