import { createHash } from 'node:crypto'
import bcrypt from 'bcryptjs'
import type { PasswordsMigrateRequest } from 'stytch'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { stytch } = standIn
const { passwords } = stytch
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

type Hash = Omit<PasswordsMigrateRequest, 'email' | 'name'>

const email = 'grace@example.com'
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
const digest = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex')
const salts = { prepend_salt: 'before-', append_salt: '-after' }

/** Of the tests of the Argon2 reference implementation, in base64. The salt is "somesalt". */
const argon2iKey = 'wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA'
const argon2idKey = 'CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
const argon2Config = {
  salt: 'somesalt',
  iteration_amount: 2,
  memory: 65_536,
  threads: 1,
  key_length: 32,
}
/** The third vector of RFC 7914. */
const scryptKey = base64(
  '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
    'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
)
const scryptSalt = Buffer.from('SodiumChloride').toString('base64')
const scryptConfig = {
  salt: scryptSalt,
  n_parameter: 16_384,
  r_parameter: 8,
  p_parameter: 1,
  key_length: 64,
}
/** PBKDF2-HMAC-SHA256 of "password" and "salt", once. */
const pbkdf2Key = base64('120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b')
const pbkdf2Config = {
  salt: Buffer.from('salt').toString('base64'),
  iteration_amount: 1,
  key_length: 32,
  algorithm: 'sha256',
}

const hashes: [name: string, password: string, hash: Hash][] = [
  ['bcrypt', 'password', { hash_type: 'bcrypt', hash: bcrypt.hashSync('password', 4) }],
  [
    'bcrypt with the prefix of PHP',
    'password',
    { hash_type: 'bcrypt', hash: bcrypt.hashSync('password', 4).replace(/^\$2b/, '$2y') },
  ],
  ['md_5', 'password', { hash_type: 'md_5', hash: '5f4dcc3b5aa765d61d8327deb882cf99' }],
  [
    'md_5 with salts',
    'password',
    { hash_type: 'md_5', hash: digest('md5', 'before-password-after'), md_5_config: salts },
  ],
  ['sha_1', 'password', { hash_type: 'sha_1', hash: '5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8' }],
  [
    'sha_1 with salts',
    'password',
    { hash_type: 'sha_1', hash: digest('sha1', 'before-password-after'), sha_1_config: salts },
  ],
  [
    'sha_512 with salts',
    'password',
    {
      hash_type: 'sha_512',
      hash: digest('sha512', 'before-password-after'),
      sha_512_config: salts,
    },
  ],
  [
    'argon_2i as a PHC string',
    'password',
    { hash_type: 'argon_2i', hash: `$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$${argon2iKey}` },
  ],
  [
    'argon_2i with its parameters',
    'password',
    { hash_type: 'argon_2i', hash: argon2iKey, argon_2_config: argon2Config },
  ],
  [
    'argon_2id as a PHC string',
    'password',
    { hash_type: 'argon_2id', hash: `$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$${argon2idKey}` },
  ],
  [
    'argon_2id with its parameters',
    'password',
    { hash_type: 'argon_2id', hash: argon2idKey, argon_2_config: argon2Config },
  ],
  [
    'scrypt as a PHC string',
    'pleaseletmein',
    {
      hash_type: 'scrypt',
      hash: `$scrypt$ln=14,r=8,p=1$${scryptSalt}$${scryptKey}`.replaceAll(/=+(?=\$|$)/g, ''),
    },
  ],
  [
    'scrypt with its parameters',
    'pleaseletmein',
    { hash_type: 'scrypt', hash: scryptKey, scrypt_config: scryptConfig },
  ],
  ['pbkdf_2', 'password', { hash_type: 'pbkdf_2', hash: pbkdf2Key, pbkdf_2_config: pbkdf2Config }],
  // Of the tests of phpass.
  ['phpass', 'test12345', { hash_type: 'phpass', hash: '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0' }],
]

describe('a migrated hash lets in the right password and refuses a wrong one', () => {
  it.each(hashes)('%s', async (_name, password, hash) => {
    const { user_id } = await passwords.migrate({ email, ...hash })
    const wrong = passwords.authenticate({ email, password: `${password}!` })
    expect(await errorOf(wrong)).toEqual([401, 'unauthorized_credentials'])
    expect(await passwords.authenticate({ email, password })).toMatchObject({ user_id })
  })

  it('in the B2B project too', async () => {
    const member = { organization_id: 'acme', email_address: email }
    const [, password, hash] = hashes[9] ?? []
    if (!password || !hash) throw new Error('There is no such hash.')
    await standIn.b2b.passwords.migrate({ ...member, ...hash })
    const wrong = standIn.b2b.passwords.authenticate({ ...member, password: 'wrong' })
    expect(await errorOf(wrong)).toEqual([401, 'unauthorized_credentials'])
    await standIn.b2b.passwords.authenticate({ ...member, password })
  })
})

describe('a migration creates a user', () => {
  const bcryptHash = { hash_type: 'bcrypt', hash: bcrypt.hashSync('password', 4) }

  it('with every field of the profile', async () => {
    const created = await passwords.migrate({
      email,
      ...bcryptHash,
      external_id: 'auth0|grace',
      name: { first_name: 'Grace', last_name: 'Hopper' },
      phone_number: '+12025550123',
      set_phone_number_verified: true,
      set_email_verified: true,
      trusted_metadata: { plan: 'pro' },
      untrusted_metadata: { theme: 'dark' },
      roles: ['editor'],
    })
    expect(created.user_created).toBe(true)
    expect(await stytch.users.get({ user_id: 'auth0|grace' })).toMatchObject({
      emails: [{ email, verified: true }],
      external_id: 'auth0|grace',
      name: { first_name: 'Grace', last_name: 'Hopper' },
      phone_numbers: [{ phone_number: '+12025550123', verified: true }],
      trusted_metadata: { plan: 'pro' },
      untrusted_metadata: { theme: 'dark' },
      roles: ['stytch_user', 'editor'],
    })
  })

  it('with an address and a phone number that are not verified', async () => {
    const { user } = await passwords.migrate({ email, ...bcryptHash, phone_number: '+12025550123' })
    expect(user.emails).toMatchObject([{ verified: false }])
    expect(user.phone_numbers).toMatchObject([{ verified: false }])
  })

  it('with the phone number that users.create has set', async () => {
    const phone_number = '+12025550123'
    const { phone_id, user } = await stytch.users.create({ email, phone_number })
    expect(user.phone_numbers).toEqual([{ phone_id, phone_number, verified: false }])
    const migrated = await passwords.migrate({
      email,
      ...bcryptHash,
      phone_number,
      set_phone_number_verified: true,
    })
    expect(migrated.user.phone_numbers).toEqual([{ phone_id, phone_number, verified: true }])
  })

  it('not when the phone number or the external id is taken or malformed', async () => {
    const phone_number = '+12025550123'
    await stytch.users.create({ external_id: 'auth0|taken', phone_number })
    const refusal = (fields: object) =>
      errorOf(passwords.migrate({ email, ...bcryptHash, ...fields }))
    expect(await refusal({ phone_number })).toEqual([400, 'duplicate_phone_number'])
    expect(await refusal({ phone_number: '202' })).toEqual([400, 'invalid_phone_number'])
    const taken = await refusal({ external_id: 'auth0|taken' })
    expect(taken).toEqual([400, 'duplicate_user_external_id'])
    const create = stytch.users.create({ email, phone_number })
    expect(await errorOf(create)).toEqual([400, 'duplicate_phone_number'])
    const operands = [{ filter_name: 'email_address' as const, filter_value: [email] }]
    const { results } = await stytch.users.search({ query: { operator: 'AND', operands } })
    expect(results).toEqual([])
  })

  it('and leaves the phone number of a user who has another one', async () => {
    await stytch.users.create({ email, phone_number: '+12025550123' })
    const call = passwords.migrate({ email, ...bcryptHash, phone_number: '+12025550199' })
    expect(await errorOf(call)).toEqual([400, 'duplicate_phone_number_for_user'])
  })
})

const short = Buffer.from('short').toString('base64')
const refusals: [error: string, hash: Hash][] = [
  ['invalid_hash_type', { hash_type: 'toString', hash: 'x' }],
  ['invalid_bcrypt_hash', { hash_type: 'bcrypt', hash: '$2b$10$short' }],
  [
    'invalid_bcrypt_hash',
    { hash_type: 'bcrypt', hash: '$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA' },
  ],
  [
    'invalid_bcrypt_cost',
    { hash_type: 'bcrypt', hash: bcrypt.hashSync('password', 4).replace('$04$', '$32$') },
  ],
  ['invalid_md_5_hash', { hash_type: 'md_5', hash: digest('sha1', 'password') }],
  ['invalid_sha_1_hash', { hash_type: 'sha_1', hash: digest('md5', 'password') }],
  ['invalid_sha_512_hash', { hash_type: 'sha_512', hash: digest('sha256', 'password') }],
  [
    'invalid_prepend_salt',
    {
      hash_type: 'sha_512',
      hash: digest('sha512', 'x'),
      sha_512_config: { ...salts, prepend_salt: 1 as never },
    },
  ],
  [
    'invalid_append_salt',
    {
      hash_type: 'md_5',
      hash: digest('md5', 'x'),
      md_5_config: { ...salts, append_salt: 1 as never },
    },
  ],
  [
    'invalid_hash',
    { hash_type: 'argon_2i', hash: `$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$${short}` },
  ],
  ['invalid_argon_2_salt', { hash_type: 'argon_2id', hash: argon2idKey }],
  ['invalid_argon_2_salt', argon2({ salt: 'short' })],
  ['invalid_argon_2_memory', argon2({ memory: 7 })],
  ['invalid_argon_2_threads', argon2({ threads: 0 })],
  ['invalid_argon_2_iteration_amount', argon2({ iteration_amount: 0 })],
  ['invalid_argon_2_key_length', argon2({ key_length: 31 })],
  ['invalid_hash', { hash_type: 'scrypt', hash: '$scrypt$ln=14$c2FsdA$aGFzaA' }],
  ['invalid_base64_scrypt_salt', { hash_type: 'scrypt', hash: scryptKey }],
  ['invalid_base64_scrypt_salt', scrypt({ salt: 'with spaces' })],
  ['invalid_base64_scrypt_hash', { ...scrypt({}), hash: 'with spaces' }],
  ['invalid_scrypt_n_parameter', scrypt({ n_parameter: 1000 })],
  ['invalid_scrypt_n_parameter', scrypt({ n_parameter: 524_288 })],
  ['invalid_scrypt_parameters', scrypt({ r_parameter: 0 })],
  ['invalid_scrypt_parameters', scrypt({ key_length: 32 })],
  ['invalid_pbkdf_2_salt', { hash_type: 'pbkdf_2', hash: pbkdf2Key }],
  ['invalid_pbkdf_2_hash', pbkdf2({ key_length: 64 })],
  ['invalid_pbkdf_2_algorithm', pbkdf2({ algorithm: 'sha1' })],
  ['invalid_pbkdf_2_iteration_amount', pbkdf2({ iteration_amount: 0 })],
  [
    'invalid_phpass_hash_prefix',
    { hash_type: 'phpass', hash: '$S$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0' },
  ],
  ['invalid_phpass_hash_format', { hash_type: 'phpass', hash: '$P$9IQRaTwmfeRo7ud9Fh4E2' }],
]

function argon2(config: object): Hash {
  return {
    hash_type: 'argon_2id',
    hash: argon2idKey,
    argon_2_config: { ...argon2Config, ...config },
  }
}

function scrypt(config: object): Hash {
  return { hash_type: 'scrypt', hash: scryptKey, scrypt_config: { ...scryptConfig, ...config } }
}

function pbkdf2(config: object): Hash {
  return { hash_type: 'pbkdf_2', hash: pbkdf2Key, pbkdf_2_config: { ...pbkdf2Config, ...config } }
}

it.each(refusals)('refuses with %s, and creates no user', async (error, hash) => {
  expect(await errorOf(passwords.migrate({ email, ...hash }))).toEqual([400, error])
  expect((await stytch.users.search({})).results).toHaveLength(1)
})
