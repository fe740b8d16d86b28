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

it('finds users that changed within a range, in the order of the change', async () => {
  await client.users.update(grace, { name: 'Grace' })
  await standIn.control('PUT', 'clock', { offsetSeconds: 10 })
  const [from, to] = [-60_000, 5_000].map((offset) => new Date(Date.now() + offset).toISOString())
  await managementClient(standIn).users.update(ada, { name: 'Ada' })
  const found = await search(`updated_at:[${from} TO ${to}]`, { sort: 'updated_at:-1' })
  expect(found[0]).toBe(grace)
  expect(found).not.toContain(ada)
  const all = await search('', { sort: 'updated_at:-1' })
  expect(all.slice(0, 2)).toEqual([ada, grace])
})

it('has square brackets that include a limit, and curly ones that do not', async () => {
  const { updated_at } = await client.users.update(grace, { name: 'Grace' })
  expect(await search(`updated_at:[${updated_at} TO *]`)).toContain(grace)
  expect(await search(`updated_at:{${updated_at} TO *]`)).not.toContain(grace)
  expect(await search(`updated_at:[* TO ${updated_at}}`)).not.toContain(grace)
})

it('refuses to page beyond the first 1,000 users', async () => {
  await standIn.control('POST', 'users', { count: 1_500 })
  const last = await search('', { page: 9, per_page: 100 })
  expect(last).toHaveLength(100)
  await expect(search('', { page: 10, per_page: 100 })).rejects.toMatchObject({
    statusCode: 400,
    body: { errorCode: 'invalid_paging' },
  })
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
