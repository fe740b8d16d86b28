import { confirm } from '../../steps/control-room.ts'
import { me } from '../../steps/me.ts'
import { main } from '../../steps/page.ts'
import { latestPolicy } from '../../steps/policies.ts'
import { ask } from '../../steps/request.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { database } from '../../world/database.ts'
import { putPolicy, untilInForce } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

const ada = 'ada@example.com'

test.beforeEach(({ context }) => haveStytchSession(context, ada))

test('a rollback takes one button and one confirmation, signs nobody out, and shows the legacy login', async ({
  page,
  context,
}) => {
  const version = await putPolicy('zero-downtime')
  await page.goto('/control')
  await page.getByRole('link', { name: 'Roll back…' }).click()
  for (const text of [
    'Roll back?',
    'Users with a Stytch session keep it and stay signed in.',
    'Legacy sessions of migrated users work again',
    'The mirror is off: users who signed up at Stytch cannot sign in at the legacy provider.',
  ])
    await expect(main(page)).toContainText(text)
  await confirm(page, 'Yes, roll back')
  expect(await latestPolicy()).toMatchObject({
    version: version + 1,
    author: ada,
    document: { cohort: 'nobody' },
  })
  await untilInForce(version + 1)
  expect((await me(context)).body.session.lane).toBe('stytch')
  expect((await ask('/login')).text).toContain('Continue to sign in')
  await page.goto('/control')
  await expect(page.getByRole('link', { name: 'Roll back…' })).toHaveCount(0)
})

test('the history names each change and its author, and restoring a version creates a new one', async ({
  page,
}) => {
  const first = await putPolicy(
    rolling({ percent: 10, organizations: ['acme'] }, true, 'the first'),
  )
  const second = await putPolicy(rolling({ percent: 40, organizations: ['globex'] }))
  const rows = () => database.query('select * from policies where version <= $1', [second])
  const before = await rows()
  await page.goto('/control/history')
  const changes = page.getByRole('list', { name: `Changes in version ${second}` })
  await expect(changes.getByRole('listitem')).toHaveText([
    'Percentage: 10% → 40%',
    'Organizations: added globex; removed acme',
  ])
  const item = page.locator(`#version-${first}`)
  await expect(item).toContainText('by control-token')
  await expect(item).toContainText('Note: the first')
  await expect(page.locator(`#version-${second}`)).toContainText('In force')

  await item.getByRole('link', { name: 'Restore' }).click()
  await expect(main(page)).toContainText('falls from 40% to 10%')
  await confirm(page)
  expect(await latestPolicy()).toEqual({
    version: second + 1,
    author: ada,
    document: rolling({ percent: 10, organizations: ['acme'] }, true, `Back to version ${first}`),
  })
  expect(await rows()).toEqual(before)
})

test('the history has pages down to the first version, which nobody put in force', async ({
  page,
}) => {
  const { version } = await latestPolicy()
  await database.query(
    `insert into policies (version, document, author)
     select n, jsonb_build_object('cohort', 'everybody', 'carrySessions', true, 'note', 'n' || n), 'somebody'
     from generate_series($1::int, $2::int) n`,
    [version + 1, version + 45],
  )
  await page.goto('/control/history')
  const seen: string[] = []
  for (;;) {
    seen.push(...(await main(page).getByRole('heading', { level: 2 }).allTextContents()))
    const older = page.getByRole('link', { name: 'Older' })
    if (!(await older.isVisible())) break
    const from = page.url()
    await older.click()
    // The link loads a new page, so the next read finds the whole list.
    await page.waitForURL(({ href }) => href !== from)
  }
  const versions = seen.map((text) => Number(/^Version (\d+):/.exec(text)?.[1]))
  expect(versions).toEqual(Array.from({ length: version + 45 }, (_, i) => version + 45 - i))
  await page.goto('/control/policy?version=1')
  await expect(main(page)).toContainText('Roll back?')
  await page.goto('/control/policy?version=99999')
  await expect(main(page)).toContainText('Version 99999 does not exist')
})
