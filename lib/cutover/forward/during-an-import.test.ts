import { describe, expect, it } from 'vitest'
import { findIdentity } from '../../account/account'
import { legacyConfig } from '../../legacy/config'
import { stytchIssuerName } from '../../stytch/issuer'
import { importRun } from '../backfill/import/import'
import { planUsers, usersAtStytch } from '../backfill/testing'
import {
  addAtAuth0,
  arrive,
  channels,
  forwardEvents,
  listen,
  setUpForward,
  signUpAtAuth0,
} from './testing'

/** What happens at Auth0 while an import runs. */

const bed = setUpForward()

describe.each(channels)('by the %s, during an import', (channel) => {
  it('a sign-up at Auth0 arrives at Stytch, linked and without a password', async () => {
    const planned = [await addAtAuth0(bed), await addAtAuth0(bed)]
    const runId = await planUsers(bed, planned)
    await listen(bed, channel)
    await importRun({ runId, limit: 1 })
    const grace = await signUpAtAuth0(bed)
    await arrive(bed, channel)
    await importRun({ runId })

    expect(usersAtStytch(bed)).toHaveLength(3)
    const made = usersAtStytch(bed).find(({ external_id }) => external_id === grace.subject)
    expect(made).toMatchObject({
      emails: [{ email: grace.email }],
      name: { first_name: 'Grace', last_name: 'Hopper' },
    })
    expect(made?.password).toBeUndefined()
    const [legacy, stytch] = await Promise.all([
      findIdentity({ issuer: legacyConfig().issuer, subject: grace.subject }),
      findIdentity({ issuer: stytchIssuerName(), subject: made?.user_id ?? '' }),
    ])
    expect(legacy?.proof?.by).toBe('import')
    expect(stytch?.account.id).toBe(legacy?.account.id)
    expect(await forwardEvents(bed)).toContain('written password_unknown')
  })
})
