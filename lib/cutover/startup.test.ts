import { sql } from 'drizzle-orm'
import { describe, expect, it, vi } from 'vitest'
import { queue } from './mirror/queue'
import { revocationQueue } from './mirror/queue-names'
import { setUpTestBed } from './mirror/testing.ts'
import { runWorker } from './mirror/worker'
import { runRevocationWorker } from './revocation/worker'
import { stopWorkers } from './startup'

const bed = setUpTestBed()

const jobState = async (id: string | null) => {
  const { rows } = await bed.db.execute(sql`select state from pgboss.job where id = ${id}`)
  return rows[0]?.state
}

describe('a server that gets SIGTERM', () => {
  it('waits for the job of the revocation worker before it closes the queue', async () => {
    const { user_id: userId } = await bed.stytch.stytch.users.create({ email: 'job@example.com' })
    await bed.stytch.control('PUT', 'faults', [{ path: '/v1/sessions*', delayMs: 1_500 }])
    const id = await (await queue()).send(revocationQueue, { kind: 'user', userId })
    const workers = [runWorker(), runRevocationWorker()]
    await vi.waitFor(async () => expect(await jobState(id)).toBe('active'), { timeout: 10_000 })
    await stopWorkers(workers)
    expect(await jobState(id)).toBe('completed')
  })

  it('does not wait for ever for a job that hangs', async () => {
    const hanging = { stop: () => new Promise<void>(() => {}) }
    await stopWorkers([hanging], 10)
    // The next caller opens the queue again.
    expect(await (await queue()).isInstalled()).toBe(true)
  })
})
