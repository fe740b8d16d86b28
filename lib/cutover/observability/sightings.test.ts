import { sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Database, DatabaseUnavailable } from '../../db/database'
import { openTestDatabase } from '../../db/testing'
import { stytchSessionKey } from '../../stytch/session-key'
import { laneCounts, sightings } from '../schema'
import { createObserver, type Sighting, writeSightings } from './sightings'

let db: Database
beforeAll(async () => {
  db = await openTestDatabase()
})
beforeEach(async () => {
  await db.execute(sql`truncate sightings, lane_counts`)
})

const at = (text: string) => new Date(`2026-05-05T${text}Z`)
const sighting = (sessionKey: string, time: string, lane: Sighting['lane'] = 'legacy') => ({
  sessionKey,
  lane,
  at: at(time),
})
/** Records sightings as one instance of the app does. */
async function record(instance: ReturnType<typeof createObserver>, ...given: Sighting[]) {
  for (const each of given) if (instance.note(each)) await instance.flush()
}
const counts = async (resolution: string) =>
  Object.fromEntries(
    (await db.select().from(laneCounts))
      .filter((row) => row.resolution === resolution)
      .map((row) => [`${row.lane} ${row.at.toISOString().slice(11, 16)}`, row.sessions]),
  )

describe('distinct sessions', () => {
  it('are counted once a minute and once an hour, over all instances', async () => {
    const [one, two] = [createObserver(), createObserver()]
    await record(one, sighting('a', '10:00:01'), sighting('b', '10:00:02'))
    await record(two, sighting('a', '10:00:59.999'), sighting('c', '10:00:30', 'stytch'))
    await record(one, sighting('a', '10:01:00'))
    await record(
      two,
      sighting('a', '10:01:30'),
      sighting('a', '10:59:00'),
      sighting('a', '11:00:00'),
    )
    expect(await counts('minute')).toEqual({
      'legacy 10:00': 2,
      'stytch 10:00': 1,
      'legacy 10:01': 1,
      'legacy 10:59': 1,
      'legacy 11:00': 1,
    })
    expect(await counts('hour')).toEqual({
      'legacy 10:00': 2,
      'stytch 10:00': 1,
      'legacy 11:00': 1,
    })
  })

  it('are counted once by two instances that write at the same moment', async () => {
    const instances = Array.from({ length: 5 }, () => createObserver())
    const keys = ['a', 'b', 'c', 'd']
    await Promise.all(
      instances.map((instance) => {
        for (const key of keys) instance.note(sighting(key, '10:00:00'))
        return instance.flush()
      }),
    )
    expect(await counts('minute')).toEqual({ 'legacy 10:00': 4 })
  })

  it('have one row each, with the times of the first and the last request', async () => {
    const instance = createObserver()
    await record(instance, sighting('a', '10:00:01'), sighting('a', '10:00:50'))
    await record(instance, sighting('a', '10:07:08'))
    expect(await db.select().from(sightings)).toEqual([
      {
        sessionKey: 'a',
        lane: 'legacy',
        firstSeen: at('10:00:01'),
        lastSeen: at('10:07:08'),
        previouslySeen: at('10:00:01'),
      },
    ])
  })

  it('are not counted for a sighting that is written late', async () => {
    await writeSightings([sighting('a', '10:05:00')])
    await writeSightings([sighting('a', '10:04:59')])
    expect(await counts('minute')).toEqual({ 'legacy 10:05': 1 })
  })
})

describe('an observer', () => {
  it('writes a session with many requests once a minute', async () => {
    const write = vi.fn(async () => undefined)
    const observer = createObserver(write)
    for (let second = 0; second < 60; second += 1) {
      await record(observer, sighting('a', `10:00:${String(second).padStart(2, '0')}`))
    }
    expect(write).toHaveBeenCalledTimes(1)
    await record(observer, sighting('a', '10:01:00'))
    expect(write).toHaveBeenCalledTimes(2)
  })

  it('collects the sightings during a write into one more write', async () => {
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>()
    const batches: string[][] = []
    const observer = createObserver(async (batch) => {
      batches.push(batch.map(({ sessionKey }) => sessionKey))
      if (batches.length === 1) await isOver
    })
    observer.note(sighting('a', '10:00:00'))
    const first = observer.flush()
    await vi.waitFor(() => expect(batches).toEqual([['a']]))
    const rest = ['b', 'c', 'd'].map((key) => {
      observer.note(sighting(key, '10:00:01'))
      return observer.flush()
    })
    expect(batches).toHaveLength(1)
    end()
    await Promise.all([first, ...rest])
    expect(batches).toEqual([['a'], ['b', 'c', 'd']])
  })

  it('limits its memory while a write hangs', async () => {
    const observer = createObserver(() => new Promise(() => undefined))
    for (let index = 0; index < 50_000; index += 1) {
      if (observer.note(sighting(`session ${index}`, '10:00:00'))) void observer.flush()
      // Lets the first write begin. It never ends.
      if (index === 0) await Promise.resolve().then(() => undefined)
    }
    const { seen, waiting } = observer.size()
    expect(waiting).toBe(2_000)
    expect(seen).toBeLessThanOrEqual(20_000)
  })

  it('limits its memory over many writes', async () => {
    const observer = createObserver(async () => undefined)
    for (let index = 0; index < 50_000; index += 1) {
      observer.note(sighting(`session ${index}`, '10:00:00'))
      if (index % 1_000 === 999) await observer.flush()
    }
    const { seen, waiting } = observer.size()
    expect(waiting).toBe(0)
    expect(seen).toBeLessThanOrEqual(20_000)
  })

  it('counts ten thousand sessions in one minute exactly', async () => {
    const observer = createObserver()
    for (const round of [0, 1]) {
      for (let index = 0; index < 10_000; index += 1) {
        observer.note(sighting(`session ${index}`, `10:00:0${round}`))
        if (index % 1_000 === 999) await observer.flush()
      }
    }
    expect(await counts('minute')).toEqual({ 'legacy 10:00': 10_000 })
  })

  it('logs one line for an outage of the database, and writes again afterwards', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    let isUp = false
    const written: string[] = []
    const observer = createObserver(async (batch) => {
      if (!isUp) throw new DatabaseUnavailable(new Error('connect ECONNREFUSED'))
      written.push(...batch.map(({ sessionKey }) => sessionKey))
    })
    await record(observer, sighting('a', '10:00:00'), sighting('b', '10:00:01'))
    expect(log).toHaveBeenCalledTimes(1)
    isUp = true
    await record(observer, sighting('a', '10:00:30'), sighting('a', '10:01:00'))
    expect(written).toEqual(['a'])
    isUp = false
    await record(observer, sighting('c', '10:01:00'))
    expect(log).toHaveBeenCalledTimes(2)
    expect(log.mock.calls.join()).not.toContain('session_key')
    log.mockRestore()
  })
})

it('stores only a hash of the id of a Stytch session', () => {
  const key = stytchSessionKey('session-test-1234')
  expect(key).toMatch(/^[\w-]{43}$/)
  expect(key).toBe(stytchSessionKey('session-test-1234'))
  expect(key).not.toBe(stytchSessionKey('session-test-1235'))
})
