import { appEnvironment, urls } from '../../sandbox/settings.ts'
import { goodPassword } from '../steps/login.ts'
import { newAddress } from '../steps/people.ts'
import { database } from '../world/database.ts'
import { putPolicy } from '../world/policy.ts'
import { stytch, stytchApi } from '../world/stytch.ts'
import { legacyRecords, signInAtLegacyElsewhere, signUp, untilRecorded } from './mirror.ts'
import { afterRetries, expect, test } from './test.ts'

/** Changes of a user that the mirror takes to the legacy provider, and requests that it refuses. */

test.use({ policy: 'zero-downtime' })

async function userIdOf(email: string): Promise<string> {
  const user = (await stytch.users()).find((each) => each.email === email)
  if (!user) throw new Error(`no Stytch user ${email}`)
  return user.id
}

test('a new password at Stytch is the password of the legacy login too', async ({ page }) => {
  const email = newAddress()
  const newPassword = 'green-walrus-kettle-91'
  await signUp(page, email)
  await untilRecorded(email)

  await page.context().clearCookies()
  await page.goto('/login?with=reset')
  await page.getByLabel('Email address').fill(email)
  await page.getByRole('button', { name: 'Email me a reset link' }).click()
  await page.waitForURL(/step=reset/)
  const mail = (await stytch.inbox()).findLast(({ to }) => to === email)
  await page.goto(mail?.link ?? '')
  await page.getByLabel('New password').fill(newPassword)
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await page.waitForURL('/dashboard')
  const mirrored = () =>
    database.query("select result from events where reason = 'password_password_same'")
  await expect.poll(mirrored, afterRetries).toEqual([{ result: 'updated' }])

  await putPolicy('before-the-migration')
  const refused = await signInAtLegacyElsewhere(page, email, goodPassword)
  await expect(refused.getByRole('alert')).toContainText(/wrong/i)
  const other = await signInAtLegacyElsewhere(page, email, newPassword)
  await other.waitForURL('/dashboard')
  await expect(other.getByText(email).first()).toBeVisible()
})

test('the webhooks take a rename and a deletion at Stytch to the legacy provider, when this app made neither', async ({
  page,
}) => {
  const email = newAddress()
  await signUp(page, email)
  await untilRecorded(email)
  const id = await userIdOf(email)

  await stytchApi('PUT', `/v1/users/${id}`, { name: { first_name: 'Mary', last_name: 'Jackson' } })
  await expect
    .poll(async () => (await legacyRecords(email)).map(({ name }) => name), afterRetries)
    .toEqual(['Mary Jackson'])

  await stytchApi('DELETE', `/v1/users/${id}`)
  await untilRecorded(email, 0)
  await putPolicy('before-the-migration')
  const refused = await signInAtLegacyElsewhere(page, email, goodPassword)
  await expect(refused.getByRole('alert')).toContainText(/wrong/i)
})

test('refuses unsigned webhooks, and a cron request without the secret', async () => {
  const post = (headers: Record<string, string>) =>
    fetch(`${urls.app}/api/webhooks/stytch`, { method: 'POST', headers, body: '{}' })
  const unsigned = await post({})
  expect(unsigned.status).toBe(401)
  expect(await unsigned.json()).toEqual({ error: { code: 'signature_missing' } })
  const forged = await post({
    'svix-id': 'msg_1',
    'svix-timestamp': String(Math.floor(Date.now() / 1_000)),
    'svix-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
  })
  expect(forged.status).toBe(401)

  const cron = (authorization?: string) =>
    fetch(`${urls.app}/api/cron/mirror`, { headers: authorization ? { authorization } : {} })
  expect((await cron()).status).toBe(401)
  expect((await cron(`Bearer ${appEnvironment.CONTROL_TOKEN}`)).status).toBe(401)
  const drained = await cron(`Bearer ${appEnvironment.CRON_SECRET}`)
  expect(drained.status).toBe(200)
  expect(await drained.json()).toMatchObject({ failed: 0, left: { on: true, dead: 0 } })
})
