import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createBrowser } from '../browser.ts'
import { managementClient, startForTests } from '../fixture.ts'

const standIn = await startForTests()
let management: ReturnType<typeof managementClient>
beforeEach(async () => {
  await standIn.control('POST', 'reset')
  management = managementClient(standIn)
})
afterAll(standIn.close)

describe('password tickets', () => {
  it('open the set-password page, which redirects to result_url', async () => {
    const { ticket } = await management.tickets.changePassword({
      user_id: 'auth0|6501a0000000000000000003',
      result_url: 'http://localhost:3999/login',
      mark_email_as_verified: true,
    })
    const browser = createBrowser()
    const page = await browser.open(ticket)
    expect(page.html).toContain('Set your password')
    const fields = { password: 'another-password' }
    const done = await browser.submit(page, fields, 'http://localhost:3999/')
    expect(done.url).toBe('http://localhost:3999/login')
    const found = await management.users.listUsersByEmail({ email: 'alan@example.com' })
    expect(found[0]?.email_verified).toBe(true)
  })

  it('are refused for an unknown user', async () => {
    await expect(
      management.tickets.changePassword({ user_id: 'auth0|nobody' }),
    ).rejects.toMatchObject({ statusCode: 404 })
  })
})
