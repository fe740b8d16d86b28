import { afterEach, expect, it, vi } from 'vitest'
import { databasePool } from '../../db/database'
import { stytchAccount } from '../../stytch/account'
import { stytchIssuerName } from '../../stytch/issuer'
import { setUpTestBed, signUpUnproved } from '../mirror/testing'
import { stytchFacts } from './stytch-facts'

const bed = setUpTestBed()
afterEach(() => vi.restoreAllMocks())

it('a request of a Stytch session makes two queries, which run at once', async () => {
  const { signedIn, account } = await signUpUnproved(bed)
  const session = { ...signedIn, issuer: stytchIssuerName() }
  const pool = await databasePool()
  const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>
  let [running, most, asked] = [0, 0, 0]
  vi.spyOn(pool, 'query').mockImplementation(async (...args: unknown[]) => {
    asked += 1
    running += 1
    most = Math.max(most, running)
    return query(...args).finally(() => {
      running -= 1
    })
  })
  const { revocation, identity } = stytchFacts(session)
  expect(await revocation).toBeNull()
  const opened = await stytchAccount(session, null, () => null, null, { found: identity })
  expect(opened).toEqual(account)
  expect({ asked, most }).toEqual({ asked: 2, most: 2 })
})
