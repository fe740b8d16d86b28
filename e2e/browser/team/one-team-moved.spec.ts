import { carriedOver, main, signedInAt } from '../../steps/page.ts'
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
      ['acme', 'Email me a code'],
      ['globex', 'Continue to sign in'],
      ['acme', 'Email me a code'],
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
