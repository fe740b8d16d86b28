import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Tenant } from '../settings.ts'
import { createBrowser } from './browser.ts'
import { logIn, managementClient, startForTests, tokensFor } from './fixture.ts'

const standIn = await startForTests()
let management: ReturnType<typeof managementClient>
beforeEach(async () => {
  await standIn.control('POST', 'reset')
  management = managementClient(standIn)
})
afterAll(standIn.close)

const ada = 'auth0|6501a0000000000000000001'
const newUser = { connection: auth0Tenant.connection, email: 'new@example.com' }

describe('a weak password', () => {
  const tooWeak = {
    statusCode: 400,
    body: {
      statusCode: 400,
      error: 'Bad Request',
      message: 'PasswordStrengthError: Password is too weak',
    },
  }

  it.each([
    ['low', 'a'],
    ['low', 'seven77'],
    ['good', 'plover basalt orrery quince'],
  ])('is refused under the policy %s for a new user: %s', async (passwordPolicy, password) => {
    await standIn.control('PUT', 'tenant', { passwordPolicy })
    await expect(management.users.create({ ...newUser, password })).rejects.toMatchObject(tooWeak)
    expect(await management.users.listUsersByEmail({ email: 'new@example.com' })).toEqual([])
    await management.users.create({ ...newUser, password: 'purple-otter-lamp-74' })
  })

  it('is refused for a known user, whose password, name and sessions stay', async () => {
    const tokens = await tokensFor(standIn, 'ada@example.com')
    const update = management.users.update(ada, { password: 'a', name: 'Somebody else' })
    await expect(update).rejects.toMatchObject(tooWeak)
    expect((await management.users.get(ada)).name).toBe('Ada Lovelace')
    expect((await standIn.refresh(tokens.refresh_token)).status).toBe(200)
    expect((await logIn(standIn, 'ada@example.com')).code).not.toBe('')
  })

  it('is refused on the page of a password ticket, and does not use up the ticket', async () => {
    await standIn.control('PUT', 'tenant', { passwordPolicy: 'good' })
    const { ticket } = await management.tickets.changePassword({ user_id: ada })
    const browser = createBrowser()
    const page = await browser.open(ticket)
    const again = await browser.submit(page, { password: 'another-password' })
    expect(again.status).toBe(400)
    expect(again.html).toContain('too weak')
    const done = await browser.submit(again, { password: 'another-passw0rd' })
    expect(done.html).toContain('Password changed')
  })
})
