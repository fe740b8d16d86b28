import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, startNode } from '../../sandbox/processes.ts'
import {
  appEnvironment,
  auth0Tenant,
  demoPassword,
  demoUsers,
  urls,
} from '../../sandbox/settings.ts'
import { legacyCookies } from '../steps/legacy-session.ts'
import { ask, type Credentials, cookiesOf } from '../steps/request.ts'
import { act, submit } from '../steps/server-action.ts'
import { tryPassword } from '../steps/sign-in-over-http.ts'
import { database } from '../world/database.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'
import { expect, test } from '../world/test.ts'

/** A user of Auth0 whom `npm run backfill` imports while they are signed in: docs/backfill.md. */

test.use({ policy: 'zero-downtime' })

const email = 'grace@example.com'
const note = 'Written before the import'
let folder: string
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-backfill-'))
})
// Later tests of this world find the user as if nothing had happened.
test.afterEach(async () => {
  await rm(folder, { recursive: true })
  await database.query('delete from accounts where email = $1', [email])
  await database.query('delete from backfill_runs')
})

async function backfill(...args: string[]): Promise<string> {
  const command = startNode('backfill', [join(root, 'lib/cutover/backfill/run.mjs'), ...args], {
    env: { ...process.env, ...appEnvironment, DATABASE_URL: database.url() },
    cwd: folder,
  })
  expect(await command.ended, command.output()).toBe(0)
  return command.output()
}

/** Writes Auth0's two files with this user alone. */
async function writeFiles() {
  const user = demoUsers.find((each) => each.email === email)
  const [usersFile, hashesFile] = [join(folder, 'users.ndjson'), join(folder, 'hashes.ndjson')]
  const [provider, user_id] = user?.subject.split('|') ?? []
  const identity = { provider, user_id, connection: auth0Tenant.connection, isSocial: false }
  const { subject, name } = user ?? {}
  const line = { user_id: subject, email, email_verified: true, name, identities: [identity] }
  await writeFile(usersFile, JSON.stringify(line))
  const hashes = await (await fetch(`${urls.auth0}/_sandbox/password-hashes`)).text()
  await writeFile(
    hashesFile,
    hashes
      .split('\n')
      .filter((each) => each.includes(email))
      .join('\n'),
  )
  return ['--users', usersFile, '--hashes', hashesFile]
}

test('the live session is carried over by one call to the same account and notes, and the old password signs in', async () => {
  const idOf = async (credentials: Credentials) =>
    (await ask('/api/me', credentials)).json().user.id
  const legacy = await legacyCookies(email)
  const id = await idOf({ cookies: legacy })
  await submit('addNote', '/dashboard', { text: note }, { cookies: legacy })

  const planned = await backfill('plan', ...(await writeFiles()))
  const [, run = ''] = /^Run (\S+)/m.exec(planned) ?? []
  expect(await backfill('import', '--run', run)).toMatch(/done +create_with_password +1/)

  await stytch.forgetRequests()
  const carried = await act('migrateSession', '/dashboard', { cookies: legacy })
  expect(carried.result).toMatchObject({ result: 'migrated', reason: 'carried_over' })
  const calls = (await stytch.calls()).map(({ method, path }) => `${method} ${path}`)
  expect(calls).toEqual(['POST /v1/sessions/migrate'])

  const signedIn = await tryPassword(email, demoPassword)
  for (const answer of [carried, signedIn]) {
    const cookies = cookiesOf(answer)
    const seen = (await ask('/api/me', { cookies })).json()
    expect(seen).toMatchObject({ user: { id, email }, session: { lane: 'stytch' } })
    expect((await ask('/dashboard', { cookies })).text).toContain(note)
  }
  expect(await count(stytch, 'POST', /^\/v1\/users/)).toBe(0)
})
