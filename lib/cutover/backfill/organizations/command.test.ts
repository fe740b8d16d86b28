import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { expect, inject, it } from 'vitest'
import { postgresAt } from '../../../../sandbox/postgres-server.ts'
import { organizations as seeds } from '../../../../sandbox/settings.ts'
import { runBackfill } from '../command'
import { createProgress } from '../progress'
import { backfillRows } from '../schema'
import { newUsers, writesAtStytch } from '../testing'
import { planCodes } from './organizations-command'
import { addMembers, atStytch, management, setUpOrganizations } from './testing'

/** `npm run backfill -- organizations`. */

const bed = setUpOrganizations()

async function organizations(...args: string[]) {
  const lines: string[] = []
  const output = { write: (text: string) => lines.push(text) > 0 }
  const code = await runBackfill(['organizations', ...args], {
    print: (line) => lines.push(line),
    progress: (label) => createProgress(label, output),
    folder: bed.folder,
    signal: new AbortController().signal,
  })
  return { code, output: lines.join('\n') }
}

const readPage = () =>
  readFile(join(import.meta.dirname, '../../../../docs/backfill-organizations.md'), 'utf8')

it('plans by default and writes nothing, and imports without a name or an address in its output', async () => {
  const plan = await organizations()
  expect(plan.output).toMatch(/members +member +5$/m)
  expect(plan.output).toContain('Decide about: mfa_enrolled.')
  expect(plan.code).toBe(2)
  const decided = await organizations('--accept', 'mfa_enrolled')
  expect(decided.code).toBe(0)
  expect(writesAtStytch(bed)).toEqual([])

  const done = await organizations('--import', '--rate', '65')
  expect(done.output).toMatch(/done +member +5$/m)
  expect(done.output).toContain('Every member is settled.')
  expect(done.code).toBe(0)
  expect(plan.output + done.output).not.toMatch(/@|Liskov|Acme|auth0\|/)
})

it.each([
  ['organization_unknown', ['--only', 'hooli']],
  ['--accept does not know "mfa"', ['--accept', 'mfa']],
  ['exclude each other', ['--plan', '--import']],
])('ends with 1 and says: %s', async (message, args) => {
  const { code, output } = await organizations(...args)
  expect(output).toContain(message)
  expect(code).toBe(1)
})

it('goes on after kill -9 in the middle, and makes nobody twice', async () => {
  const subjects = await addMembers(
    bed,
    'acme',
    newUsers(20).map(({ email, subject: user_id }) => ({ email, user_id })),
  )
  const { rows } = await bed.db.execute<{ name: string }>(sql`select current_database() as name`)
  const child = spawn(
    process.execPath,
    ['lib/cutover/backfill/run.mjs', 'organizations', '--import', '--rate', '10', '--lease', '1'],
    {
      env: {
        ...process.env,
        DATABASE_URL: postgresAt(inject('postgres').url).url(rows[0]?.name),
        NODE_OPTIONS: '',
      },
      stdio: 'inherit',
    },
  )
  const imported = () => atStytch(bed).flatMap(({ members }) => members)
  await expect.poll(() => imported().length, { interval: 5, timeout: 20_000 }).toBeGreaterThan(3)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(imported().length).toBeLessThan(25)

  const { code, output } = await organizations('--import', '--rate', '65')
  expect(code, output).toBe(0)
  const members = imported().map(({ subject }) => subject)
  expect(members).toHaveLength(25)
  expect(members).toEqual(expect.arrayContaining(subjects))
  const states = await bed.db.select({ state: backfillRows.state }).from(backfillRows)
  expect(states.filter(({ state }) => state === 'done')).toHaveLength(2 + 25)
})

it('names what differs between both providers after the import, and writes nothing', async () => {
  await organizations('--import', '--rate', '65')
  const none = await organizations('--compare', '--accept', 'only_at_auth0')
  expect(none).toEqual({ code: 0, output: expect.stringMatching(/only_at_auth0 +1$/) })

  const { members } = bed.stytch.b2b.organizations
  const acme = seeds.acme.auth0Id
  const subject = 'auth0|6501a0000000000000000004'
  await management(bed, 'DELETE', `organizations/${acme}/members`, { members: [subject] })
  await addMembers(bed, 'acme', [{}, { user_id: 'samlp|acme|ada@acme.example' }])
  await members.create({ organization_id: 'acme', email_address: 'edsger@acme.example' })
  const claude = { organization_id: 'acme', member_id: 'auth0|6501a0000000000000000005' }
  await members.update({ ...claude, roles: ['stytch_admin'] })
  const frances = { organization_id: 'globex', member_id: 'auth0|6501a0000000000000000007' }
  await members.update({ ...frances, email_address: 'frances@globex.example' })
  await bed.stytch.control('DELETE', 'requests')
  const { code, output } = await organizations('--compare', '--list')
  for (const [each, count] of Object.entries({
    only_at_auth0: 2,
    left_auth0: 1,
    only_at_stytch: 1,
    address_differs: 1,
    roles_differ: 1,
    not_compared: 1,
  })) {
    expect(output).toMatch(new RegExp(`^differences +${each} +${count}$`, 'm'))
    expect(output.match(new RegExp(`^${each} `, 'gm'))).toHaveLength(count)
  }
  expect(output).not.toContain('@')
  expect(code).toBe(2)
  expect(writesAtStytch(bed)).toEqual([])
})

it('is taken back for one organization by the steps of docs/backfill-organizations.md, and can be made again', async () => {
  await organizations('--import', '--rate', '65')
  const { auth0Id } = seeds.acme
  const [used = '', forget = ''] =
    (await readPage())
      .split('## Take an import back')[1]
      ?.matchAll(/```sql\n([^`]+)```/g)
      .map(([, text = '']) => text.replaceAll('ORGANIZATION', auth0Id)) ?? []
  const client = await bed.db.execute<{ count: string }>(sql.raw(used))
  expect(client.rows).toEqual([{ count: '0' }])
  await bed.db.execute(sql.raw(forget))
  const made = [...bed.stytch.project.b2b.store.organizations.values()]
  const acme = made.find(({ organization_slug }) => organization_slug === 'acme')
  await bed.stytch.b2b.organizations.delete({ organization_id: acme?.organization_id ?? '' })

  await bed.stytch.control('DELETE', 'requests')
  const again = await organizations('--import', '--rate', '65')
  expect(again.output).toMatch(/done +member +5$/m)
  expect(writesAtStytch(bed)).toHaveLength(1 + 3)
})

it('has a line in docs/backfill-organizations.md for every code', async () => {
  const page = await readPage()
  for (const code of planCodes) expect(page).toContain(`\`${code}\``)
})
