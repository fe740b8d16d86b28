import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { demoPassword } from '../../../sandbox/settings.ts'
import { legacyUsers } from '../../legacy/in-house/schema'
import { type InHouseFixture, startInHouseForTests } from '../migration/in-house-testing'
import { runBackfill } from './command'
import { createProgress } from './progress'

let fixture: InHouseFixture
let folder: string
beforeAll(async () => {
  fixture = await startInHouseForTests()
  folder = await mkdtemp(join(tmpdir(), 'cutover-in-house-'))
})
afterAll(() => fixture.stop())

async function backfill(...args: string[]): Promise<string> {
  const lines: string[] = []
  await runBackfill(args, {
    print: (line) => lines.push(line),
    progress: (label) => createProgress(label, { write: () => true }),
    folder,
    signal: new AbortController().signal,
  })
  return lines.join('\n')
}

const quoted = (value: unknown): string => `"${value}"`

/** The two files, by the statements of docs/in-house-login.md. */
async function exportFiles() {
  const page = await readFile(join(import.meta.dirname, '../../../docs/in-house-login.md'), 'utf8')
  const statements = [...page.matchAll(/```sql\n([^`]+)```/g)].map(([, text = '']) => text)
  const paths: string[] = []
  for (const statement of statements) {
    const { rows } = await fixture.db.execute(sql.raw(statement))
    const lines = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))]
    const path = join(folder, `${paths.length}.csv`)
    await writeFile(path, lines.map((line) => line.map(quoted).join(',')).join('\n'))
    paths.push(path)
  }
  return paths
}

it('imports the users of an in-house login with their passwords, and nobody who was blocked since the export', async () => {
  const [grace, barbara] = ['grace@example.com', 'barbara@acme.example']
  expect(await backfill('export')).toMatch(/^Only Auth0 has an export job/)
  const [users = '', hashes = ''] = await exportFiles()
  const plan = await backfill('plan', '--users', users, '--hashes', hashes)
  expect(plan).toMatch(/create_with_password +7\n +create +0$/m)
  expect(plan).toMatch(/Stay out:\n +email_unverified +1$/m)
  const blocked = { blocked: 'yes' as const, updatedAt: new Date() }
  await fixture.db.update(legacyUsers).set(blocked).where(eq(legacyUsers.email, barbara))
  const runId = /^Run (\w+)/m.exec(plan)?.[1] ?? ''
  const done = await backfill('import', '--run', runId)
  expect(done).toMatch(/done +create_with_password +5\nskipped +blocked +1\n/)
  const signedIn = await fixture.stytch.stytch.passwords.authenticate({
    email: grace,
    password: demoPassword,
  })
  expect(signedIn.user.emails[0]).toMatchObject({ email: grace, verified: true })
})
