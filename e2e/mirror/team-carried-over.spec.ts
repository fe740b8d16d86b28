import { notes, signedInAt } from '../steps/page.ts'
import { roll } from '../steps/rolling-policy.ts'
import { memberMigrations, memberOfBrowser, signInToTeamAtAuth0 } from '../steps/team.ts'
import { expect, test } from './test.ts'

/** With the Management API, which knows the roles of a member. */

test('Barbara and Claude are carried over once each, with organization, roles and data', async ({
  browser,
  page: barbara,
  context: barbaras,
}) => {
  const claudes = await browser.newContext()
  const claude = await claudes.newPage()
  await signInToTeamAtAuth0(barbara, 'barbara@acme.example', 'acme')
  await signInToTeamAtAuth0(claude, 'claude@acme.example', 'acme')
  const text = `Written on the legacy lane ${crypto.randomUUID()}`
  await barbara.getByLabel('New note').fill(text)
  await barbara.getByRole('button', { name: 'Add note' }).click()
  await expect(notes(barbara)).toContainText(text)

  await roll({ organizations: ['acme'] })
  // Several tabs of one person ask at once.
  const tabs = await Promise.all([1, 2, 3].map(() => barbaras.newPage()))
  await Promise.all([...tabs, claude].map((page) => page.goto('/team/acme')))
  for (const page of [...tabs, claude]) await expect(signedInAt(page)).toContainText('Stytch')
  expect(await memberMigrations()).toBe(2)

  const [ofBarbara, ofClaude] = await Promise.all(
    [barbaras, claudes].map(async (context) => (await memberOfBrowser(context, 'acme')).body),
  )
  expect(ofBarbara).toMatchObject({
    organization: { slug: 'acme', name: 'Acme' },
    member: { email: 'barbara@acme.example', roles: expect.arrayContaining(['stytch_admin']) },
  })
  expect(ofClaude).toMatchObject({
    organization: { slug: 'acme' },
    member: { email: 'claude@acme.example', roles: expect.arrayContaining(['editor']) },
  })
  expect(ofClaude.member.roles).not.toContain('stytch_admin')
  // The notes belong to the team, so both see them on the new lane.
  await expect(notes(claude)).toContainText(text)
  await claudes.close()
})
