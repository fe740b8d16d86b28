import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { database } from '../../world/database.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

test('a Postgres that hangs delays a few pages only, and then the legacy lane is served at once', async ({
  startApp,
}) => {
  const { url: base } = await startApp()
  const cookies = await legacyCookies('ada@example.com')
  const visit = () => ask('/dashboard', { base, cookies })
  const healthLine = async () => (await ask('/api/health', { base })).json().database
  expect((await visit()).text).toContain('ada@example.com')
  database.setHung(true)
  try {
    await Promise.all([visit(), visit(), visit(), visit()])
    await expect.poll(healthLine).toBe('does not answer (circuit breaker open)')
    // Without the circuit breaker, each of these pages waits two seconds or more.
    for (let n = 0; n < 3; n += 1) {
      const started = performance.now()
      const page = await visit()
      expect(page.status).toBe(200)
      expect(page.headers.get('x-auth-lane')).toBe('legacy')
      expect(performance.now() - started).toBeLessThan(1_500)
    }
    const metrics = await ask('/api/metrics', { base, bearer: 'demo-metrics-token' })
    expect(metrics.text).toContain('cutover_database_circuit_open 1')
  } finally {
    database.setHung(false)
  }
  await expect.poll(healthLine).toBe('ok')
  expect((await visit()).text).toContain('ada@example.com')
})
