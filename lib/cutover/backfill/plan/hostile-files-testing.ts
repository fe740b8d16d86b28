import type { Outcome } from './outcome'

/** Only for tests: files of the legacy provider with usual users, and with one hostile line of each kind. */

const connection = 'Username-Password-Authentication'
const hashOf = (id: string): string => `$2b$10$${id.replaceAll('-', '.').padEnd(53, 'x')}`

type Line = Record<string, unknown>

export const userLine = (id: string, changes: Line = {}): Line => ({
  user_id: `auth0|${id}`,
  email: `${id}@people.example`,
  email_verified: true,
  name: `Person ${id}`,
  identities: [{ provider: 'auth0', connection, user_id: id, isSocial: false }],
  user_metadata: { token: `token-of-${id}` },
  ...changes,
})

export const hashLine = (id: string, changes: Line = {}): Line => ({
  _id: { $oid: id },
  email: `${id}@people.example`,
  passwordHash: hashOf(id),
  connection,
  ...changes,
})

/** Hostile lines, with the outcome of each. */
type Hostile = { outcome: Outcome; users?: (Line | string | Buffer)[]; hashes?: (Line | string)[] }

const google = [{ provider: 'google-oauth2', connection: 'google', user_id: 'g', isSocial: true }]
const identityIn = (id: string, name: string) => [
  { provider: 'auth0', connection: name, user_id: id, isSocial: false },
]

export const hostile: Hostile[] = [
  { outcome: 'line_unreadable', users: ['{"user_id":"auth0|cut","ema'] },
  { outcome: 'line_unreadable', users: ['[]'] },
  { outcome: 'line_unreadable', users: ['null'] },
  { outcome: 'line_unreadable', users: ['7'] },
  { outcome: 'line_unreadable', users: [Buffer.from([0x7b, 0xc3, 0x28])] },
  { outcome: 'line_unreadable', users: [userLine('h-ident', { identities: 'none' })] },
  { outcome: 'line_unreadable', users: [userLine('h-verified', { email_verified: 'true' })] },
  { outcome: 'line_unreadable', users: [{ __proto__: null, constructor: 'x' }] },
  { outcome: 'line_unreadable', users: [userLine('h-long', { name: 'x'.repeat(1_100_000) })] },
  { outcome: 'line_unreadable', users: [userLine('', { user_id: '' })] },
  { outcome: 'line_unreadable', hashes: ['{"_id":'] },
  { outcome: 'line_unreadable', hashes: [hashLine('h-nohash', { passwordHash: null })] },
  { outcome: 'line_unreadable', hashes: [hashLine('h-noconn', { connection: undefined })] },
  { outcome: 'external_id_impossible', users: [userLine('h-nul', { user_id: 'auth0|\0nul' })] },
  { outcome: 'external_id_impossible', users: [userLine('h-half', { user_id: 'auth0|\ud800' })] },
  {
    outcome: 'external_id_impossible',
    users: [userLine('h-long-id', { user_id: `auth0|${'a'.repeat(200)}` })],
  },
  {
    outcome: 'external_id_impossible',
    users: [userLine('h-saml', { user_id: 'samlp|acme|h-saml@people.example' })],
  },
  {
    outcome: 'external_id_impossible',
    users: [userLine('h-sql', { user_id: "auth0|'; drop table accounts; --" })],
  },
  {
    outcome: 'blocked',
    users: [userLine('h-blocked', { blocked: true })],
    hashes: [hashLine('h-blocked')],
  },
  {
    outcome: 'mfa_enrolled',
    users: [userLine('h-mfa', { multifactor: ['guardian'] })],
    hashes: [hashLine('h-mfa')],
  },
  {
    outcome: 'social_only',
    users: [userLine('h-social', { user_id: 'google-oauth2|g', identities: google })],
  },
  {
    outcome: 'phone_only',
    users: [userLine('h-phone', { email: null, phone_number: '+15551234567' })],
  },
  { outcome: 'email_missing', users: [userLine('h-none', { email: null })] },
  { outcome: 'email_missing', users: [userLine('h-empty', { email: '' })] },
  { outcome: 'email_invalid', users: [userLine('h-text', { email: 'h-text' })] },
  { outcome: 'email_invalid', users: [userLine('h-nul-mail', { email: 'h\0@people.example' })] },
  { outcome: 'email_invalid', users: [userLine('h-letters', { email: 'ädä@people.example' })] },
  {
    outcome: 'email_invalid',
    users: [userLine('h-long-mail', { email: `${'a'.repeat(250)}@people.example` })],
  },
  { outcome: 'email_unverified', users: [userLine('h-unverified', { email_verified: false })] },
  { outcome: 'email_unverified', users: [userLine('h-unnamed', { email_verified: undefined })] },
  {
    outcome: 'email_unverified',
    users: [userLine('h-thief', { email: 'person-1@people.example', email_verified: false })],
  },
  {
    outcome: 'email_twice',
    users: [
      userLine('h-twice-1', { email: 'twice@people.example' }),
      userLine('h-twice-2', {
        email: 'Twice@People.example',
        identities: identityIn('h-twice-2', 'partners'),
      }),
    ],
    hashes: [hashLine('h-twice-1'), hashLine('h-twice-2', { connection: 'partners' })],
  },
  {
    outcome: 'subject_twice',
    users: [
      userLine('h-same'),
      userLine('h-same', {
        email: 'other@people.example',
        identities: identityIn('h-same', 'partners'),
      }),
    ],
    hashes: [hashLine('h-same'), hashLine('h-same', { connection: 'partners' })],
  },
  {
    outcome: 'hash_unsupported',
    users: [userLine('h-md5')],
    hashes: [hashLine('h-md5', { passwordHash: 'd41d8cd98f00b204e9800998ecf8427e' })],
  },
  {
    outcome: 'hash_unsupported',
    users: [userLine('h-two')],
    hashes: [hashLine('h-two'), hashLine('h-two')],
  },
  { outcome: 'user_without_hash', users: [userLine('h-lost')] },
  { outcome: 'hash_without_user', hashes: [hashLine('h-gone')] },
  // The hash of another connection belongs to another person, even with the same address.
  { outcome: 'user_without_hash', users: [userLine('h-other-connection')] },
  {
    outcome: 'hash_without_user',
    hashes: [hashLine('h-other-connection', { connection: 'partners' })],
  },
  {
    outcome: 'organization_member',
    users: [userLine('h-member', { app_metadata: { member: true } })],
    hashes: [hashLine('h-member')],
  },
  {
    outcome: 'mapping_invalid',
    users: [userLine('h-mapped', { app_metadata: { phone: '555' } })],
    hashes: [hashLine('h-mapped')],
  },
  // These are usual, though other tools lose them.
  {
    outcome: 'create_with_password',
    users: [userLine('h-alt')],
    hashes: [hashLine('5f0c', { alt_id: 'h-alt' })],
  },
  {
    outcome: 'create_with_password',
    users: [userLine('h-noaddress')],
    hashes: [hashLine('h-noaddress', { email: undefined })],
  },
  {
    outcome: 'create_with_password',
    users: [
      userLine('h-flexible', {
        email: undefined,
        identifiers: [{ type: 'email', value: 'h-flexible@people.example', verified: true }],
      }),
    ],
    hashes: [hashLine('h-flexible', { email: undefined })],
  },
  {
    outcome: 'create',
    users: [
      userLine('h-mail', {
        user_id: 'email|h-mail',
        identities: [{ provider: 'email', connection: 'email', user_id: 'h-mail' }],
      }),
    ],
  },
]

/** How many rows of each outcome the hostile lines make. */
export function hostileCounts(): Partial<Record<Outcome, number>> {
  const counts: Partial<Record<Outcome, number>> = {}
  for (const { outcome, users = [], hashes = [] } of hostile) {
    counts[outcome] = (counts[outcome] ?? 0) + (users.length || hashes.length)
  }
  return counts
}

const bytesOf = (line: Line | string | Buffer): Buffer =>
  Buffer.isBuffer(line) ? line : Buffer.from(typeof line === 'string' ? line : JSON.stringify(line))

/**
 * The two files: `usual` users with a password, and the hostile lines between them. The hashes come in another order.
 * @param end the end of a line
 */
export function migrationFiles(usual: number, end = '\n'): { users: Buffer; hashes: Buffer } {
  const ids = Array.from({ length: usual }, (_, index) => `person-${index}`)
  const join = (lines: Buffer[]) => Buffer.concat(lines.flatMap((line) => [line, Buffer.from(end)]))
  const users = ids.map((id) => bytesOf(userLine(id)))
  const hashes = ids.map((id) => bytesOf(hashLine(id))).reverse()
  for (const [index, each] of hostile.entries()) {
    const at = Math.floor((index / hostile.length) * usual)
    users.splice(at, 0, ...(each.users ?? []).map(bytesOf))
    hashes.splice(at, 0, ...(each.hashes ?? []).map(bytesOf))
  }
  return { users: join(users), hashes: join(hashes) }
}
