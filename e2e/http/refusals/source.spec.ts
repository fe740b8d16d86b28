import { rawGet } from '../../steps/raw-request.ts'
import { expect, test } from '../../world/test.ts'

/** The source pages must not show these files. */

for (const [attack, path] of [
  ['a file that no screen names', 'package.json'],
  ['the environment', '.env'],
  ['the keys', '.env-test'],
  ['a climb', 'app/../package.json'],
  ['an encoded climb', 'app/%2e%2e/package.json'],
  ['an encoded slash', 'app%2Fpage.tsx/..%2f..%2fpackage.json'],
  ['a climb that is encoded twice', 'app/%252e%252e/package.json'],
  ['a backslash', 'app%5c..%5cpackage.json'],
  ['a null byte', 'app/page.tsx%00.png'],
  ['a path of the machine', 'etc/passwd'],
  ['a folder', 'app'],
  ['a link into the packages', 'node_modules/next/package.json'],
  ['a name that every object has', 'constructor'],
] as const) {
  test(`refuses to show ${attack} as a source`, async () => {
    const { status, body } = await rawGet(`/source/${path}`)
    expect([400, 404]).toContain(status)
    expect(body).not.toMatch(/"dependencies"|root:x|STYTCH_SECRET=/)
  })
}
