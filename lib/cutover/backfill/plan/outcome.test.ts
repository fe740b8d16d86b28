import { describe, expect, it } from 'vitest'
import type { Mapped } from '../source/mapping'
import type { LineProblem, SourceUser } from '../source/source-user'
import { type Facts, type Outcome, outcomeOf, outcomes } from './outcome'

const ada: SourceUser = {
  subject: 'auth0|ada',
  connection: 'users',
  email: 'ada@example.com',
  emailVerified: true,
  name: 'Ada',
  phone: null,
  phoneVerified: false,
  isBlocked: false,
  hasMfa: false,
  isSocialOnly: false,
}
const usual: Facts = {
  hash: 'usable',
  isSubjectTwice: false,
  isEmailTwice: false,
  isAtStytch: false,
}

type Case = {
  user?: Partial<SourceUser>
  facts?: Partial<Facts>
  mapped?: Mapped | { invalid: string }
}

/** One user for each code, and those between two codes. `hash_without_user` and a broken line have no user. */
const table: [Outcome, what: string, Case][] = [
  ['create_with_password', 'a verified user with a hash', {}],
  ['create_with_password', 'a hash of a login without connections', { user: { connection: null } }],
  ['create', 'no file with hashes', { facts: { hash: 'no_file' } }],
  [
    'create',
    'a login without a password',
    { user: { connection: null }, facts: { hash: 'missing' } },
  ],
  ['already', 'a user at Stytch', { facts: { isAtStytch: true } }],
  [
    'already',
    'a user at Stytch who is blocked since',
    { user: { isBlocked: true }, facts: { isAtStytch: true } },
  ],
  ['subject_twice', 'two users with one subject', { facts: { isSubjectTwice: true } }],
  [
    'subject_twice',
    'two users with one subject, one of them at Stytch',
    { facts: { isSubjectTwice: true, isAtStytch: true } },
  ],
  ['blocked', 'a blocked user', { user: { isBlocked: true } }],
  [
    'external_id_impossible',
    'an enterprise user',
    { user: { subject: 'samlp|acme|ada@acme.example' } },
  ],
  ['external_id_impossible', 'a long subject', { user: { subject: `auth0|${'a'.repeat(123)}` } }],
  ['mapping_invalid', 'a mapping with a wrong field', { mapped: { invalid: 'phone' } }],
  ['organization_member', 'a member by the mapping', { mapped: { isOrganizationMember: true } }],
  ['mfa_enrolled', 'a second factor', { user: { hasMfa: true } }],
  ['social_only', 'a social login', { user: { isSocialOnly: true, connection: null } }],
  ['phone_only', 'a phone and no address', { user: { email: null, phone: '+15551234567' } }],
  ['email_missing', 'no address', { user: { email: null } }],
  ['email_invalid', 'no address but a text', { user: { email: 'ada' } }],
  [
    'email_invalid',
    'an address with other than ASCII letters',
    { user: { email: 'adä@example.com' } },
  ],
  ['email_unverified', 'an unverified address', { user: { emailVerified: false } }],
  [
    'email_unverified',
    'an unverified address of another user',
    { user: { emailVerified: false }, facts: { isEmailTwice: true } },
  ],
  ['email_twice', 'an address in two connections', { facts: { isEmailTwice: true } }],
  ['hash_unsupported', 'a hash that Stytch does not take', { facts: { hash: 'unsupported' } }],
  ['user_without_hash', 'a password without its hash', { facts: { hash: 'missing' } }],
]

describe('the outcome of a user', () => {
  it.each(table)('is %s for %s', (outcome, _, { user, facts, mapped = {} }) => {
    expect(outcomeOf({ ...ada, ...user }, mapped, { ...usual, ...facts }).outcome).toBe(outcome)
  })

  it('of a line without a user is line_unreadable, with the field', () => {
    const line: LineProblem = { problem: 'line_unreadable', reason: 'user_id' }
    expect(outcomeOf(line, {}, usual)).toEqual({ outcome: 'line_unreadable', reason: 'user_id' })
  })

  it('names the field that the mapping got wrong', () => {
    expect(outcomeOf(ada, { invalid: 'phone' }, usual)).toEqual({
      outcome: 'mapping_invalid',
      reason: 'phone',
    })
  })

  it('is tested for every code', () => {
    const tested = new Set(table.map(([outcome]) => outcome))
    expect(outcomes.filter((each) => !tested.has(each))).toEqual([
      'line_unreadable',
      'hash_without_user',
    ])
  })
})
