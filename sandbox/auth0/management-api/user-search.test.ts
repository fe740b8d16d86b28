import { afterAll, beforeEach, expect, it } from 'vitest'
import { demoUsers } from '../../settings.ts'
import { managementClient, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const client = managementClient(standIn)
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const [ada = '', grace = ''] = demoUsers.map(({ subject }) => subject)
const search = async (q: string, more: object = {}) => {
  const { data } = await client.users.list({ q, search_engine: 'v3', ...more })
  return data.map(({ user_id }) => user_id)
}

it('finds blocked users', async () => {
  expect(await search('blocked:true')).toEqual([])
  await client.users.update(grace, { blocked: true })
  expect(await search('blocked:true')).toEqual([grace])
})

it('finds users by their ids, without those that do not exist', async () => {
  await client.users.delete(ada)
  expect(await search(`user_id:("${ada}" OR "${grace}")`)).toEqual([grace])
})

it('finds users that have changed since a time', async () => {
  await client.users.update(grace, { blocked: true })
  const at = (offset: number) => new Date(Date.now() + offset).toISOString()
  expect(await search(`blocked:true AND updated_at:[${at(-60_000)} TO *]`)).toEqual([grace])
  expect(await search(`blocked:true AND updated_at:[${at(60_000)} TO *]`)).toEqual([])
})

it('answers in pages', async () => {
  const pages = await Promise.all(
    [0, 1, 2].map((page) => search('blocked:false', { page, per_page: 4 })),
  )
  expect(pages.map((page) => page.length)).toEqual([4, 4, 0])
})

it('refuses a search that it does not play', async () => {
  await expect(search('email:ada*')).rejects.toThrow(/does not search/)
})
