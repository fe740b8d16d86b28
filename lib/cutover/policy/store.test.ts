import { beforeAll, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { openTestDatabase } from '../../db/testing'
import { beforeTheMigration, presets } from './document'
import { appendPolicy, policyHistory } from './store'

beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  await openTestDatabase()
})

it('lists the history of the policy, newest first and page by page', async () => {
  expect(await policyHistory(10)).toEqual([])
  await appendPolicy(presets['zero-downtime'], 'ada@example.com', null)
  await appendPolicy(presets['all-at-once'], 'control-token', null)
  await appendPolicy(beforeTheMigration, 'ada@example.com', null)

  const all = await policyHistory(10)
  expect(all).toMatchObject([
    { version: 4, author: 'ada@example.com', policy: beforeTheMigration },
    { version: 3, author: 'control-token', policy: presets['all-at-once'] },
    { version: 2, author: 'ada@example.com', policy: presets['zero-downtime'] },
  ])
  expect(all[0]?.at).toBeInstanceOf(Date)
  const first = await policyHistory(2)
  expect(first).toEqual(all.slice(0, 2))
  expect(await policyHistory(2, first.at(-1)?.version)).toEqual(all.slice(2))
  expect(await policyHistory(2, 2)).toEqual([])
})
