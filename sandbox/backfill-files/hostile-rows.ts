import type { HostileRow } from './hostile-row.ts'
import { hostileUsers } from './hostile-users.ts'
import { passwordHash } from './password-hashes.ts'
import { databaseIdentity, databaseUser, hashOf, objectId } from './records.ts'

const bom = '\uFEFF'

/** The lines that a careless import gets wrong, in a fixed order. */
export const hostileRows = (seed: number): HostileRow[] => [
  ...hostileLines(seed),
  ...hostileHashes(seed),
  ...hostileUsers(seed),
]

/** Marks, ends and cuts of lines. */
function hostileLines(seed: number): HostileRow[] {
  const id = (name: string) => objectId(seed, name)
  const [marked, crlf, cut] = [id('byte-order-mark'), id('crlf'), id('cut-hash')]
  const unreadable = (name: string, content: string | Buffer | object): HostileRow => ({
    name,
    users: [{ content }],
    lines: { line_unreadable: 1 },
  })
  const unreadableHash = (name: string, content: string | object): HostileRow => ({
    name,
    hashes: [{ content }],
    lines: { line_unreadable: 1 },
  })
  return [
    {
      name: 'a byte order mark at the start of both files',
      users: [{ content: `${bom}${JSON.stringify(databaseUser(marked))}`, place: 'first' }],
      hashes: [{ content: `${bom}${JSON.stringify(hashOf(marked))}`, place: 'first' }],
      subjects: { [`auth0|${marked}`]: 'create_with_password' },
    },
    {
      name: 'lines that end as on Windows',
      users: [{ content: databaseUser(crlf), end: '\r\n' }],
      hashes: [{ content: hashOf(crlf), end: '\r\n' }],
      subjects: { [`auth0|${crlf}`]: 'create_with_password' },
    },
    { name: 'empty lines', users: [{ content: '' }, { content: '', end: '\r\n' }] },
    {
      name: 'the file of the users is cut in its last line',
      users: [
        { content: JSON.stringify(databaseUser(id('cut'))).slice(0, 60), end: '', place: 'last' },
      ],
      lines: { line_unreadable: 1 },
    },
    {
      name: 'the file of the hashes is cut in its last line',
      users: [{ content: databaseUser(cut) }],
      hashes: [{ content: JSON.stringify(hashOf(cut)).slice(0, -40), end: '', place: 'last' }],
      subjects: { [`auth0|${cut}`]: 'user_without_hash' },
      lines: { line_unreadable: 1 },
    },
    unreadable('a line that is no JSON', 'user_id,email,email_verified'),
    unreadable('a line that is a list', '[{"user_id":"auth0|1"}]'),
    unreadable('a line that is null', 'null'),
    unreadable('a line that is a number', '7'),
    unreadable('a line with the name of a method', '{"constructor":"x"}'),
    unreadable('a line without a user id', { ...databaseUser(id('no-id')), user_id: undefined }),
    unreadable('a line with an empty user id', { ...databaseUser(id('empty-id')), user_id: '' }),
    unreadable('a list that is text', databaseUser(id('identities'), { identities: 'none' })),
    unreadableHash('a hash line that is cut', '{"_id":'),
    unreadableHash('a hash that is null', hashOf(id('null-hash'), { passwordHash: null })),
    unreadableHash('a hash without a connection', hashOf(id('nowhere'), { connection: undefined })),
    unreadable('a flag that is text', databaseUser(id('flag'), { email_verified: 'true' })),
    unreadable(
      'bytes that are not UTF-8',
      Buffer.concat([
        Buffer.from('{"user_id":"auth0|'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}'),
      ]),
    ),
    unreadable(
      'a line of more than a megabyte',
      databaseUser(id('long'), { name: 'x'.repeat(1_100_000) }),
    ),
  ]
}

/** Hashes, and how they belong to users. */
function hostileHashes(seed: number): HostileRow[] {
  const id = (name: string) => objectId(seed, name)
  const user = (name: string, hash: object): HostileRow => ({
    name,
    users: [{ content: databaseUser(id(name)) }],
    hashes: [{ content: hashOf(id(name), hash as Record<string, unknown>) }],
    subjects: { [`auth0|${id(name)}`]: 'create_with_password' },
  })
  const unsupported = (name: string, hash: string): HostileRow => ({
    ...user(name, { passwordHash: hash }),
    subjects: { [`auth0|${id(name)}`]: 'hash_unsupported' },
  })
  const [own, shared, empty, twice] = ['own', 'shared', 'empty', 'twice'].map(id) as [
    string,
    string,
    string,
    string,
  ]
  return [
    {
      name: 'an id that the app has chosen, in alt_id',
      users: [{ content: databaseUser('acct_euclid') }],
      hashes: [{ content: { ...hashOf(own), alt_id: 'acct_euclid' } }],
      subjects: { 'auth0|acct_euclid': 'create_with_password' },
    },
    {
      name: 'one id in two connections',
      users: [{ content: databaseUser(shared) }],
      hashes: [
        {
          content: hashOf(shared, {
            connection: 'old-database',
            passwordHash: passwordHash('phpass'),
          }),
        },
        { content: hashOf(shared) },
      ],
      subjects: { [`auth0|${shared}`]: 'create_with_password' },
      lines: { hash_without_user: 1 },
    },
    user('a bcrypt hash of PHP', { passwordHash: passwordHash('bcrypt of PHP') }),
    user('an Argon2 hash', { passwordHash: passwordHash('argon2id') }),
    user('a scrypt hash', { passwordHash: passwordHash('scrypt') }),
    user('a PBKDF2 hash', { passwordHash: passwordHash('pbkdf2') }),
    user('a phpass hash', { passwordHash: passwordHash('phpass') }),
    unsupported('a hash of an unknown type', '{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3'),
    unsupported('an MD5 hash without its type', 'd41d8cd98f00b204e9800998ecf8427e'),
    unsupported('a bcrypt hash without its last character', passwordHash('bcrypt').slice(0, -1)),
    {
      name: 'a hash that is empty',
      users: [{ content: databaseUser(empty) }],
      hashes: [{ content: hashOf(empty, { passwordHash: '' }) }],
      subjects: { [`auth0|${empty}`]: 'user_without_hash' },
      lines: { line_unreadable: 1 },
    },
    {
      name: 'two hashes for one password',
      users: [{ content: databaseUser(twice) }],
      hashes: [
        { content: hashOf(twice) },
        { content: hashOf(twice, { passwordHash: passwordHash('phpass') }) },
      ],
      subjects: { [`auth0|${twice}`]: 'hash_unsupported' },
    },
    user('a hash without an address', { email: undefined, identifiers: undefined }),
    {
      ...user('a hash under the same id, of another connection', { connection: 'old-database' }),
      subjects: {
        [`auth0|${id('a hash under the same id, of another connection')}`]: 'user_without_hash',
      },
      lines: { hash_without_user: 1 },
    },
    {
      name: 'a hash without a user',
      hashes: [{ content: hashOf(id('nobody')) }],
      lines: { hash_without_user: 1 },
    },
    {
      name: 'a user without a hash',
      users: [{ content: databaseUser(id('hashless')) }],
      subjects: { [`auth0|${id('hashless')}`]: 'user_without_hash' },
    },
    {
      name: 'a password under the id of a linked identity',
      users: [
        {
          content: databaseUser(id('linked'), {
            user_id: 'google-oauth2|103547991597142817347',
            identities: [
              {
                connection: 'google-oauth2',
                provider: 'google-oauth2',
                user_id: '103547991597142817347',
                isSocial: true,
              },
              databaseIdentity(id('linked')),
            ],
          }),
        },
      ],
      hashes: [{ content: hashOf(id('linked')) }],
      subjects: { 'google-oauth2|103547991597142817347': 'create_with_password' },
    },
  ]
}
