import type { HostileRow, Outcome } from './hostile-row.ts'
import { databaseIdentity, databaseUser, hashOf, objectId, otherIdentity } from './records.ts'

/** Users whom an import must not write, or must write with care. */
export function hostileUsers(seed: number): HostileRow[] {
  const id = (name: string) => objectId(seed, name)

  /** A user with a password. */
  const user = (name: string, outcome: Outcome, changes: Record<string, unknown>): HostileRow => {
    const content = databaseUser(id(name), changes)
    return {
      name,
      users: [{ content }],
      hashes: [{ content: hashOf(id(name)) }],
      subjects: { [content.user_id]: outcome },
    }
  }
  /** A user without a password. */
  const passwordless = (
    name: string,
    outcome: Outcome,
    user_id: string,
    changes: Record<string, unknown> = {},
  ): HostileRow => {
    const [provider = '', ...rest] = user_id.split('|')
    const isSocial = provider === 'google-oauth2'
    const identities = [otherIdentity(provider, rest.join('|'), isSocial)]
    const content = databaseUser(id(name), { user_id, identities, ...changes })
    return { name, users: [{ content }], subjects: { [user_id]: outcome } }
  }

  const identifiers = [{ type: 'email', value: 'only-here@load.example', verified: true }]
  const long = `${'a'.repeat(250)}@load.example`
  const manyCharacters = 'x'.repeat(130)
  return [
    user('an address in identifiers only', 'create_with_password', {
      email: undefined,
      email_verified: undefined,
      identifiers,
    }),
    pair('one address in two connections', id, {
      email: 'two-connections@load.example',
      identities: (subject) => [databaseIdentity(subject, 'old-database')],
    }),
    pair('addresses that differ in their case', id, {
      email: 'Mixed-Case@load.example',
      other: 'mixed-case@LOAD.example',
    }),
    user('an address with capital letters', 'create_with_password', {
      email: 'Grace.Hopper+Navy@Load.Example',
    }),
    user('an address with a foreign letter', 'email_invalid', { email: 'аda@load.example' }),
    user('an address with a space', 'email_invalid', { email: ' ada@load.example' }),
    user('an address with a zero character', 'email_invalid', { email: 'a\0da@load.example' }),
    user('an address that is too long', 'email_invalid', { email: long }),
    user('no address', 'email_missing', { email: undefined }),
    user('an empty address', 'email_missing', { email: '' }),
    user('an address that nobody has proved', 'email_unverified', { email_verified: false }),
    user('an address without a word about a proof', 'email_unverified', {
      email_verified: undefined,
    }),
    hijacked(id('hijacker'), id('victim')),
    user('a blocked user', 'blocked', { blocked: true }),
    user('a second factor', 'mfa_enrolled', { multifactor: ['guardian'] }),
    // Auth0's export does not name organizations. The operator's mapping reads this field.
    user('a member of an organization', 'organization_member', {
      app_metadata: { organization: 'org_acme000000000001' },
    }),
    // The operator's mapping reads this field.
    user('a phone number that Stytch does not take', 'mapping_invalid', {
      app_metadata: { phone: '555' },
    }),
    passwordless('a social user', 'social_only', 'google-oauth2|112233445566778899000'),
    passwordless('a user with a phone number alone', 'phone_only', 'sms|6501c0000000000000000001', {
      email: undefined,
      email_verified: undefined,
      phone_number: '+12025550142',
      phone_verified: true,
    }),
    passwordless(
      'a subject with an address, from an enterprise connection',
      'external_id_impossible',
      'samlp|acme|ada@acme.example',
    ),
    passwordless(
      'a subject that is too long for an external id',
      'external_id_impossible',
      `oidc|acme|${manyCharacters}`,
    ),
    passwordless('a subject with a zero character', 'external_id_impossible', 'oidc|acme|\0nul'),
    passwordless('half a character in a subject', 'external_id_impossible', 'oidc|acme|\ud800'),
    passwordless(
      'a subject with SQL',
      'external_id_impossible',
      "oidc|acme|'; drop table accounts; --",
    ),
    duplicate('the line of a user twice', id('the line of a user twice')),
    duplicate('one subject in two connections', id('one subject in two connections'), {
      email: 'other-connection@load.example',
      connection: 'old-database',
    }),
  ]
}

/** Two users who have proved the same address. */
function pair(
  name: string,
  id: (name: string) => string,
  options: { email: string; other?: string; identities?: (subject: string) => object[] },
): HostileRow {
  const [one, two] = [id(`${name} 1`), id(`${name} 2`)]
  const identities = options.identities?.(two)
  const connection = identities && { connection: 'old-database' }
  const second = { email: options.other ?? options.email, ...(identities && { identities }) }
  return {
    name,
    users: [
      { content: databaseUser(one, { email: options.email }) },
      { content: databaseUser(two, second) },
    ],
    hashes: [{ content: hashOf(one) }, { content: hashOf(two, connection) }],
    subjects: { [`auth0|${one}`]: 'email_twice', [`auth0|${two}`]: 'email_twice' },
  }
}

/** An attacker has signed up with a stranger's address, and their line comes first. */
function hijacked(attacker: string, victim: string): HostileRow {
  const email = 'victim@load.example'
  return {
    name: 'an address that somebody else has taken without proof',
    users: [
      { content: databaseUser(attacker, { email, email_verified: false }) },
      { content: databaseUser(victim, { email }) },
    ],
    hashes: [{ content: hashOf(attacker) }, { content: hashOf(victim) }],
    subjects: {
      [`auth0|${attacker}`]: 'email_unverified',
      [`auth0|${victim}`]: 'create_with_password',
    },
  }
}

/** Two lines, and one subject. @param other the address and connection of the second line */
function duplicate(
  name: string,
  id: string,
  other: { email: string; connection: string } | null = null,
): HostileRow {
  const content = databaseUser(id)
  const second = other && {
    user: databaseUser(id, {
      email: other.email,
      identities: [databaseIdentity(id, other.connection)],
    }),
    hash: hashOf(id, { connection: other.connection }),
  }
  return {
    name,
    users: [{ content }, { content: second?.user ?? content }],
    hashes: [{ content: hashOf(id) }, ...(second ? [{ content: second.hash }] : [])],
    lines: { subject_twice: 2 },
  }
}
