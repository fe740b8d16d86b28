import { describe, expect, it } from 'vitest'
import { roleChanges } from './member-roles'

const mapping = new Map([
  ['owner', 'stytch_admin'],
  ['admin', 'stytch_admin'],
  ['editor', 'editor'],
])

describe('the Auth0 roles of a member', () => {
  it.each([
    [
      'a missing role is added, the first of those that become it',
      [],
      ['stytch_admin'],
      ['owner'],
      [],
    ],
    ['a role that becomes the same one is kept', ['admin'], ['stytch_admin'], [], []],
    ['a role that was taken at Stytch is removed', ['admin', 'editor'], ['editor'], [], ['admin']],
    [
      'both roles that become a taken one are removed',
      ['owner', 'admin'],
      [],
      [],
      ['owner', 'admin'],
    ],
    ['a role that the mapping does not name is left alone', ['billing'], [], [], []],
    ['a role at Stytch that the mapping does not name adds nothing', [], ['viewer'], [], []],
  ])('%s', (_, current, assigned, add, remove) => {
    expect(roleChanges(mapping, current, assigned)).toEqual({ add, remove })
  })
})
