import { gunzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { managementClient, startForTests as startAuth0 } from './auth0/fixture.ts'
import { demoPassword, demoUsers } from './settings.ts'
import { errorOf, startForTests as startStytch } from './stytch/fixture.ts'

const [auth0, { stytch, close }] = await Promise.all([startAuth0(), startStytch()])
afterAll(() => Promise.all([auth0.close(), close()]))

type Exported = { user_id: string; email: string; email_verified: boolean }
type HashLine = { _id: { $oid: string }; passwordHash: string }

const linesOf = <T>(text: string): T[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

it('a user of the export signs in at Stytch with the hash of the hash file and the old password', async () => {
  const { jobs } = managementClient(auth0)
  const fields = ['user_id', 'email', 'email_verified'].map((name) => ({ name }))
  const { id } = await jobs.usersExports.create({ format: 'json', fields })
  let job = await jobs.get(id)
  while (job.status !== 'completed') job = await jobs.get(id)
  const packed = await (await fetch(job.location ?? '')).bytes()
  const users = linesOf<Exported>(gunzipSync(packed).toString())
  const file = await fetch(`${auth0.url}/_sandbox/password-hashes`)
  const hashes = linesOf<HashLine>(await file.text())

  const grace = users.find(({ user_id }) => user_id === demoUsers[1]?.subject)
  if (!grace) throw new Error('The export has no such user.')
  const own = hashes.find(({ _id }) => `auth0|${_id.$oid}` === grace.user_id)
  const { user_id } = await stytch.passwords.migrate({
    email: grace.email,
    hash_type: 'bcrypt',
    hash: own?.passwordHash ?? '',
    external_id: grace.user_id,
    set_email_verified: grace.email_verified,
  })
  const signIn = (password: string) =>
    stytch.passwords.authenticate({ email: grace.email, password })
  expect(await errorOf(signIn('wrong'))).toEqual([401, 'unauthorized_credentials'])
  const { user } = await signIn(demoPassword)
  expect(user).toMatchObject({ user_id, external_id: grace.user_id, emails: [{ verified: true }] })
})
