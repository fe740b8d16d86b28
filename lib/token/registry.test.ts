import { expect, it } from 'vitest'
import { createRegistry } from './registry'
import { createTestIssuers } from './testing'

it('createRegistry refuses two issuers with one name', async () => {
  const { legacy } = await createTestIssuers()
  expect(() => createRegistry([legacy, legacy])).toThrow('Two issuers')
})
