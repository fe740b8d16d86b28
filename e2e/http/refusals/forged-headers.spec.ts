import { urls } from '../../../sandbox/settings.ts'
import { migrateCalls } from '../../steps/calls.ts'
import { forgedHeaders } from '../../steps/forged-headers.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** Internal headers of this app and of Next that a client sends. */

test.use({ policy: 'zero-downtime' })

for (const [name, value] of Object.entries(forgedHeaders)) {
  test(`refuses to let ${name} change anything`, async () => {
    const headers = { [name]: value }

    const page = await ask('/dashboard', { headers })
    expect(page.status).toBe(307)
    expect(new URL(page.headers.get('location') as string, urls.app).pathname).toBe('/login')
    expect(page.text).not.toContain('Your dashboard')
    expect((await ask('/api/me', { headers })).status).toBe(401)

    const cookies = await legacyCookies('ada@example.com')
    await stytch.forgetRequests()
    const own = await ask('/dashboard', { cookies, headers })
    expect(own.status).toBe(200)
    expect(own.headers.get('x-auth-lane')).toBe('legacy')
    expect(own.text).toContain('legacy_session_carried_over')
    expect(own.text).not.toContain('FORGED')
    expect(own.sessionCookies).toEqual([])
    expect(await migrateCalls()).toBe(0)
  })
}

test('refuses to redirect to a host that the client claims (X-Forwarded-Host)', async () => {
  const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
  for (const path of ['/dashboard', '/auth/login']) {
    const answer = await ask(path, { headers })
    expect(answer.headers.get('location')).not.toContain('//evil.example')
    expect(answer.headers.get('location')).not.toContain('%2F%2Fevil.example')
  }
})
