import { carriedOver, main, notes, signedInAt } from '../../steps/page.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { memberMigrations, memberOfBrowser, signInToTeamAtAuth0 } from '../../steps/team.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

test('the team of Barbara is moved and that of Dorothy is not, at the same time in two browsers', async ({
  browser,
  page: barbara,
  context: barbaras,
}) => {
  const dorothys = await browser.newContext()
  const dorothy = await dorothys.newPage()
  await signInToTeamAtAuth0(barbara, 'barbara@acme.example', 'acme')
  await signInToTeamAtAuth0(dorothy, 'dorothy@globex.example', 'globex')
  const before = (await memberOfBrowser(barbaras, 'acme')).body
  expect(before).toMatchObject({ session: { lane: 'legacy' }, organization: { slug: 'acme' } })

  await roll({ organizations: ['acme'] })
  await Promise.all([barbara.reload(), dorothy.reload()])
  await expect(carriedOver(barbara)).toBeVisible()
  await expect(signedInAt(barbara)).toContainText('Stytch')
  await expect(signedInAt(dorothy)).toContainText('Auth0')

  const after = (await memberOfBrowser(barbaras, 'acme')).body
  expect(after.session.lane).toBe('stytch')
  expect(after.member.id).toBe(before.member.id)
  expect((await memberOfBrowser(dorothys, 'globex')).body.session.lane).toBe('legacy')
  expect(await memberMigrations()).toBe(1)

  await test.step('a new visitor sees the login of the team, and nobody in it sees another one', async () => {
    for (const [slug, login] of [
      ['acme', 'Continue with email'],
      ['globex', 'Continue to sign in'],
      ['acme', 'Continue with email'],
    ] as const) {
      for (let visitor = 0; visitor < 2; visitor += 1) {
        const context = await browser.newContext()
        const page = await context.newPage()
        await page.goto(`/team/${slug}`)
        await expect(page).toHaveURL(new RegExp(`/team/${slug}/login`))
        await expect(main(page)).toContainText(login)
        await context.close()
      }
    }
  })

  await test.step('the team is moved back, and nobody is signed out', async () => {
    await putPolicy('before-the-migration')
    const response = await barbara.reload()
    expect(response?.status()).toBe(200)
    await expect(signedInAt(barbara)).toContainText('Stytch')
    expect((await memberOfBrowser(barbaras, 'acme')).body.member.id).toBe(before.member.id)
    await dorothy.reload()
    await expect(signedInAt(dorothy)).toContainText('Auth0')
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto('/team/acme')
    await expect(main(page)).toContainText('Continue to sign in')
    // The legacy login still knows her, with the same data.
    await signInToTeamAtAuth0(page, 'barbara@acme.example', 'acme')
    const back = (await memberOfBrowser(context, 'acme')).body
    expect(back).toMatchObject({ session: { lane: 'legacy' }, member: { id: before.member.id } })
    await context.close()
  })
  await dorothys.close()
})

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

test('a person in two organizations is carried over into both, with one account', async ({
  page,
  context,
}) => {
  await signInToTeamAtAuth0(page, 'frances@acme.example', 'acme')
  const inAcme = (await memberOfBrowser(context, 'acme')).body
  await roll({ organizations: ['acme', 'globex'] })
  await page.reload()
  await expect(signedInAt(page)).toContainText('Stytch')

  await test.step('the session of one organization opens nothing of the other', async () => {
    expect((await memberOfBrowser(context, 'globex')).status).toBe(403)
    await page.goto('/team/globex')
    await expect(page).toHaveURL(/\/team\/globex\/login\?.*reason=organization_mismatch/)
    await expect(main(page)).toContainText('Acme')
  })
  expect((await memberOfBrowser(context, 'acme')).body.member.id).toBe(inAcme.member.id)
})
