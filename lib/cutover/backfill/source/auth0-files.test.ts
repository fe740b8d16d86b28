import { beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../../sandbox/settings.ts'
import { parseAuth0Hash } from './auth0-hashes'
import { parseAuth0User } from './auth0-users'
import { decodeHash } from './password-hash'

const bcryptRest = `$10$${'a'.repeat(53)}`

const database = {
  provider: 'auth0',
  connection: 'Username-Password-Authentication',
  user_id: 'ada',
  isSocial: false,
}
const ada = {
  user_id: 'auth0|ada',
  email: 'ada@example.com',
  email_verified: true,
  name: 'Ada Lovelace',
  identities: [database],
}
beforeAll(() => {
  Object.assign(process.env, appEnvironment)
})

const google = { provider: 'google-oauth2', connection: 'google', user_id: '1', isSocial: true }

describe("a line of Auth0's user export", () => {
  it('gives a user', () => {
    expect(parseAuth0User(ada)).toEqual({
      subject: 'auth0|ada',
      connection: 'Username-Password-Authentication',
      email: 'ada@example.com',
      emailVerified: true,
      name: 'Ada Lovelace',
      phone: null,
      phoneVerified: false,
      isBlocked: false,
      hasMfa: false,
      isSocialOnly: false,
    })
  })

  it.each([
    [
      'an address only in identifiers',
      {
        email: undefined,
        email_verified: undefined,
        identifiers: [{ type: 'email', value: 'ada@example.com', verified: true }],
      },
      { email: 'ada@example.com', emailVerified: true },
    ],
    [
      'an address that the field does not call verified',
      { email_verified: undefined },
      { emailVerified: false },
    ],
    ['a blocked user', { blocked: true }, { isBlocked: true }],
    ['a second factor', { multifactor: ['guardian'] }, { hasMfa: true }],
    [
      'a phone',
      { phone_number: '+15551234567', phone_verified: true },
      { phone: '+15551234567', phoneVerified: true },
    ],
    [
      'only social logins',
      { user_id: 'google-oauth2|1', identities: [google] },
      { isSocialOnly: true, connection: null },
    ],
    [
      'a linked identity with the password',
      { user_id: 'google-oauth2|1', identities: [google, database] },
      {
        isSocialOnly: false,
        connection: database.connection,
        subject: 'google-oauth2|1',
        passwordSubject: 'auth0|ada',
      },
    ],
    ['no identity', { identities: [] }, { isSocialOnly: false, connection: null }],
  ])('reads %s', (_, changes, expected) => {
    expect(parseAuth0User({ ...ada, ...changes })).toMatchObject(expected)
  })

  it.each([
    ['user_id', { user_id: undefined }],
    ['user_id', { user_id: '' }],
    ['user_id', { user_id: 7 }],
    ['email', { email: { $ne: null } }],
    ['email_verified', { email_verified: 'true' }],
    ['identities', { identities: 'none' }],
    ['blocked', { blocked: 'no' }],
  ])('is unreadable with a wrong %s, and the reason repeats no value', (field, changes) => {
    expect(parseAuth0User({ ...ada, ...changes })).toEqual({
      problem: 'line_unreadable',
      reason: field,
    })
  })
})

it("an organization's own identity provider proves no address of a stranger", () => {
  const own = { provider: 'oidc', connection: 'mallory', user_id: '1', isSocial: false }
  const claimed = { ...ada, user_id: 'oidc|mallory|1', identities: [own] }
  expect(parseAuth0User(claimed)).toMatchObject({ emailVerified: false })
})

const hashLine = {
  _id: { $oid: '5f0c' },
  email: 'ada@example.com',
  passwordHash: `$2b${bcryptRest}`,
  connection: 'users',
}

describe("a line of Auth0's hash file", () => {
  it.each([
    ['the object id', {}, 'auth0|5f0c'],
    ['alt_id, which wins', { alt_id: 'ada' }, 'auth0|ada'],
    ['alt_id with its prefix', { alt_id: 'auth0|ada' }, 'auth0|ada'],
  ])('names the user by %s', (_, changes, subject) => {
    expect(parseAuth0Hash({ ...hashLine, ...changes })).toMatchObject({
      subject,
      connection: 'users',
    })
  })

  it('needs no address', () => {
    expect(parseAuth0Hash({ ...hashLine, email: undefined })).toMatchObject({ hashType: 'bcrypt' })
  })

  it.each([
    ['passwordHash', { passwordHash: 7 }],
    ['connection', { connection: undefined }],
    ['_id', { _id: undefined }],
  ])('is unreadable with a wrong %s', (field, changes) => {
    expect(parseAuth0Hash({ ...hashLine, ...changes })).toEqual({
      problem: 'line_unreadable',
      reason: field,
    })
  })

  it('with another kind of hash is unsupported, and not taken for bcrypt', () => {
    expect(
      parseAuth0Hash({ ...hashLine, passwordHash: 'd41d8cd98f00b204e9800998ecf8427e' }),
    ).toEqual({
      problem: 'hash_unsupported',
      reason: 'hash_format_unknown',
      subject: 'auth0|5f0c',
      connection: 'users',
    })
  })
})

const argon = (kind: string) => `$argon2${kind}$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$a2V5a2V5a2V5`
const scrypt = '$scrypt$ln=16,r=8,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5'

describe('a hash', () => {
  it.each([
    ['bcrypt', `$2a${bcryptRest}`, { hashType: 'bcrypt', fields: { hash: `$2a${bcryptRest}` } }],
    [
      'bcrypt as PHP writes it',
      `$2y${bcryptRest}`,
      { hashType: 'bcrypt', fields: { hash: `$2b${bcryptRest}` } },
    ],
    ['argon2id', argon('id'), { hashType: 'argon_2id', fields: { hash: argon('id') } }],
    ['argon2i', argon('i'), { hashType: 'argon_2i', fields: { hash: argon('i') } }],
    ['scrypt', scrypt, { hashType: 'scrypt', fields: { hash: scrypt } }],
    [
      'phpass',
      `$P$${'B'.repeat(31)}`,
      { hashType: 'phpass', fields: { hash: `$P$${'B'.repeat(31)}` } },
    ],
    [
      'PBKDF2 as passlib writes it',
      '$pbkdf2-sha512$29000$c2Fs.HQ$a2V5a2V5a2V5',
      {
        hashType: 'pbkdf_2',
        fields: {
          hash: 'a2V5a2V5a2V5',
          pbkdf_2_config: {
            salt: 'c2Fs+HQ',
            iteration_amount: 29_000,
            key_length: 9,
            algorithm: 'sha512',
          },
        },
      },
    ],
  ])('names its own parameters: %s', (_, hash, expected) => {
    expect(decodeHash(hash)).toEqual(expected)
  })

  it.each([
    ['argon2d', argon('d')],
    ["crypt's flawed bcrypt", `$2x${bcryptRest}`],
    ['a cut bcrypt', `$2b${bcryptRest}`.slice(0, -1)],
    ['bcrypt with a line after it', `$2b${bcryptRest}\n$2b`],
    ['PBKDF2 with SHA-1', '$pbkdf2-sha1$29000$c2FsdA$a2V5'],
    ['MD5 without its salts', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['an empty text', ''],
  ])('of an unknown kind is null: %s', (_, hash) => {
    expect(decodeHash(hash)).toBeNull()
  })
})
