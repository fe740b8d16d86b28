import { beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment } from '../sandbox/settings.ts'
import type { Account } from './account/account'
import { UserDeleted } from './account/user-deleted'
import { ProviderFailure } from './provider-failure'
import type { RequestReading } from './seam'
import { noViewer, operatorAddress, viewerOf } from './viewer'

beforeAll(() => {
  Object.assign(process.env, appEnvironment)
})

const ada: Account = {
  id: 'acct_1',
  email: 'ada@example.com',
  provedEmail: 'ada@example.com',
  name: 'Ada',
}
const readingOf = (account: () => Promise<Account | null>): RequestReading => ({
  session: {
    lane: 'stytch',
    issuer: 'stytch.com/project-test-1',
    subject: 'user-test-1',
    expiresAt: new Date('2026-06-01T13:00:00Z'),
    isFirstParty: true,
  },
  account,
  reason: 'stytch_session',
  flow: { name: 'stytch', reason: 'everybody' },
  policyVersion: 7,
  refusal: { status: 401, body: { error: { code: 'stytch_session' } }, headers: {} },
})

describe('viewerOf', () => {
  it('finds the user of a session', async () => {
    expect(await viewerOf(readingOf(async () => ada))).toMatchObject({ account: ada })
  })

  it('keeps a user signed in while the account cannot be read', async () => {
    const reading = readingOf(() => Promise.reject(new ProviderFailure('stytch', 'timeout', '')))
    expect(await viewerOf(reading)).toMatchObject({ lane: 'stytch', account: null })
  })

  it('finds no user for the session of a deleted user, and returns the reason', async () => {
    const reading = readingOf(() => Promise.reject(new UserDeleted()))
    expect(await viewerOf(reading)).toBeNull()
    expect(noViewer(reading)).toEqual({
      reason: 'user_deleted',
      refusal: {
        status: 401,
        body: {
          error: { code: 'user_deleted', message: expect.stringContaining('Sign in again') },
          flow: { name: 'stytch', reason: 'everybody' },
          policyVersion: 7,
        },
        headers: {
          'www-authenticate':
            'Bearer realm="cutover", error="invalid_token", error_description="user_deleted"',
        },
      },
    })
  })

  it('leaves the refusal of a request without a session as it is', async () => {
    const reading = { ...readingOf(async () => null), session: null, reason: 'no_session' }
    expect(await viewerOf(reading)).toBeNull()
    expect(noViewer(reading)).toMatchObject({ reason: 'no_session', refusal: reading.refusal })
  })
})

describe('the author of a change of the policy', () => {
  const authorFor = async (account: Account) => {
    const viewer = await viewerOf(readingOf(async () => account))
    return viewer && operatorAddress(viewer)
  }

  it('is the address that the session proved, and not the address of the account that a user may have changed', async () => {
    const renamed = { ...ada, email: 'grace@example.com' }
    expect(await authorFor(renamed)).toBe('ada@example.com')
  })

  it('is nobody when only the account has the address of an operator', async () => {
    for (const provedEmail of [null, 'mallory@example.com']) {
      expect(await authorFor({ ...ada, provedEmail })).toBeNull()
    }
  })
})
