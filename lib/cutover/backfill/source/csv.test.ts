import { describe, expect, it } from 'vitest'
import { csvRecord } from './csv'
import { parseCsvHash } from './csv-hashes'
import { parseCsvUser } from './csv-users'

const user = (header: string, line: string) =>
  parseCsvUser(csvRecord(header.split(','), line) ?? { subject: '' })

describe('a CSV line', () => {
  it('with quoted fields is read', () => {
    expect(csvRecord(['subject', 'name'], '7,"Lovelace, ""Ada"""')).toEqual({
      subject: '7',
      name: 'Lovelace, "Ada"',
    })
  })

  it.each([
    ['a field too few', '7'],
    ['a field too many', '7,Ada,x'],
    ['a quotation mark without an end, which would swallow the next users', '7,"Ada'],
    ['a quotation mark within a field', '7,A"da'],
  ])('with %s is not read', (_, line) => {
    expect(csvRecord(['subject', 'name'], line)).toBeNull()
  })
})

describe('a user of an in-house provider', () => {
  it('has the documented columns', () => {
    const header =
      'subject,connection,email,email_verified,name,phone,phone_verified,blocked,mfa,social_only,plan'
    expect(user(header, '7,users,ada@example.com,TRUE,Ada,+15551234567,1,0,false,,gold')).toEqual({
      subject: '7',
      connection: 'users',
      email: 'ada@example.com',
      emailVerified: true,
      name: 'Ada',
      phone: '+15551234567',
      phoneVerified: true,
      isBlocked: false,
      hasMfa: false,
      isSocialOnly: false,
    })
  })

  it('needs only a subject, and has then proved nothing', () => {
    expect(user('subject,email', '7,ada@example.com')).toMatchObject({ emailVerified: false })
  })

  it.each([
    ['email_verified', 'subject,email_verified', '7,perhaps'],
    ['subject', 'subject,email', ',ada@example.com'],
  ])('is unreadable with a wrong %s', (field, header, line) => {
    expect(user(header, line)).toEqual({ problem: 'line_unreadable', reason: field })
  })
})

describe('a user of Cognito', () => {
  const header =
    'cognito:username,sub,email,email_verified,phone_number,phone_number_verified,cognito:mfa_enabled,cognito:user_status,enabled'

  it('is named by sub, as in the tokens', () => {
    expect(user(header, 'ada,uuid-1,ada@example.com,true,,,false,CONFIRMED,true')).toMatchObject({
      subject: 'uuid-1',
      connection: null,
      email: 'ada@example.com',
      emailVerified: true,
      phone: null,
      isBlocked: false,
      isSocialOnly: false,
    })
  })

  it.each([
    ['disabled', 'ada,1,a@example.com,true,,,false,CONFIRMED,false', { isBlocked: true }],
    [
      'in multi-factor authentication',
      'ada,1,a@example.com,true,,,true,CONFIRMED,true',
      { hasMfa: true },
    ],
    [
      'of another provider',
      'ada,1,a@example.com,true,,,,EXTERNAL_PROVIDER,true',
      { isSocialOnly: true },
    ],
  ])('can be %s', (_, line, expected) => {
    expect(user(header, line)).toMatchObject(expected)
  })

  it('is unreadable without the column sub', () => {
    expect(user('cognito:username,email', 'ada,a@example.com')).toEqual({
      problem: 'line_unreadable',
      reason: 'sub',
    })
  })
})

describe('a hash in CSV', () => {
  const hash = (fields: Record<string, string>) => parseCsvHash({ subject: '7', ...fields })
  const bcrypt = `$2b$10$${'a'.repeat(53)}`

  it('that names its own parameters needs no type', () => {
    expect(hash({ hash: bcrypt })).toEqual({
      subject: '7',
      connection: null,
      hashType: 'bcrypt',
      fields: { hash: bcrypt },
    })
  })

  const argon = {
    salt: 'saltsalt',
    iteration_amount: '3',
    memory: '65536',
    threads: '4',
    key_length: '32',
  }
  it.each([
    ['md_5', { prepend_salt: 'a' }, { md_5_config: { prepend_salt: 'a', append_salt: '' } }],
    ['sha_1', { append_salt: 'b' }, { sha_1_config: { prepend_salt: '', append_salt: 'b' } }],
    [
      'md_5',
      { prepend_salt: '', append_salt: '' },
      { md_5_config: { prepend_salt: '', append_salt: '' } },
    ],
    ['sha_512', { append_salt: 'b' }, { sha_512_config: { prepend_salt: '', append_salt: 'b' } }],
    [
      'argon_2id',
      argon,
      {
        argon_2_config: {
          salt: 'saltsalt',
          iteration_amount: 3,
          memory: 65_536,
          threads: 4,
          key_length: 32,
        },
      },
    ],
    [
      'scrypt',
      { salt: 's', n_parameter: '16384', r_parameter: '8', p_parameter: '1', key_length: '32' },
      {
        scrypt_config: {
          salt: 's',
          n_parameter: 16_384,
          r_parameter: 8,
          p_parameter: 1,
          key_length: 32,
        },
      },
    ],
    [
      'pbkdf_2',
      { salt: 's', iteration_amount: '1000', key_length: '32', algorithm: 'sha256' },
      {
        pbkdf_2_config: { salt: 's', iteration_amount: 1_000, key_length: 32, algorithm: 'sha256' },
      },
    ],
  ])('of type %s has its parameters in columns', (hashType, columns, fields) => {
    expect(hash({ hash: 'abc', hash_type: hashType, ...columns })).toMatchObject({
      hashType,
      fields: { hash: 'abc', ...fields },
    })
  })

  it.each([
    ['another type than it has', { hash: bcrypt, hash_type: 'scrypt' }, 'salt'],
    ['no type', { hash: 'abc' }, 'hash_type'],
    ['an unknown type', { hash: 'abc', hash_type: 'rot13' }, 'hash_type'],
    ['a missing parameter', { hash: 'abc', hash_type: 'pbkdf_2', salt: 's' }, 'iteration_amount'],
    ['salts that no column names', { hash: 'abc', hash_type: 'md_5' }, 'salts'],
    ['bcrypt that is none', { hash: 'abc', hash_type: 'bcrypt' }, 'hash_format_unknown'],
  ])('with %s is unsupported', (_, fields, reason) => {
    expect(hash(fields)).toMatchObject({ problem: 'hash_unsupported', reason, subject: '7' })
  })
})
