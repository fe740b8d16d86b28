import { createHash } from 'node:crypto'
import { auth0Tenant } from '../settings.ts'
import { passwordHash } from './password-hashes.ts'

/** The lines of Auth0's two files as objects, before they are text. */
export type UserRecord = Record<string, unknown> & { user_id: string }
export type HashRecord = Record<string, unknown>

/** One ordinary user in this many signs in with a code by mail, so there is no password. */
const passwordlessEvery = 20

/** Fixed, so that the same seed gives the same bytes on every day. */
const firstDay = Date.UTC(2020, 0, 1)

export const passwordlessAmong = (count: number): number => Math.floor(count / passwordlessEvery)

/** 24 hexadecimal characters, as in MongoDB. The same for the same seed and name. */
export const objectId = (seed: number, name: string | number): string =>
  createHash('sha256').update(`${seed}:${name}`).digest('hex').slice(0, 24)

export const isPasswordless = (index: number): boolean =>
  index % passwordlessEvery === passwordlessEvery - 1

/** A user of a database connection, with a verified address. */
export function databaseUser(id: string, changes: Record<string, unknown> = {}): UserRecord {
  return {
    user_id: `auth0|${id}`,
    email: `${id}@load.example`,
    email_verified: true,
    name: 'Grace Hopper',
    given_name: 'Grace',
    family_name: 'Hopper',
    identities: [databaseIdentity(id)],
    // A secret that no output, report or table may repeat.
    user_metadata: { theme: 'dark', token: `token-of-${id}` },
    app_metadata: { plan: 'free' },
    created_at: new Date(firstDay).toISOString(),
    ...changes,
  }
}

export const databaseIdentity = (user_id: string, connection = auth0Tenant.connection) => ({
  connection,
  provider: 'auth0',
  user_id,
  isSocial: false,
})

export const otherIdentity = (provider: string, user_id: string, isSocial: boolean) => ({
  connection: provider,
  provider,
  user_id,
  isSocial,
})

/** The user's line in the file with password hashes. */
export function hashOf(id: string, changes: HashRecord = {}): HashRecord {
  const email = `${id}@load.example`
  return {
    _id: { $oid: id },
    email_verified: true,
    email,
    passwordHash: passwordHash('bcrypt'),
    password_set_date: { $date: new Date(firstDay).toISOString() },
    tenant: 'cutover',
    connection: auth0Tenant.connection,
    _tmp_is_unique: true,
    identifiers: [{ type: 'email', value: email, verified: true }],
    ...changes,
  }
}

/** The user with this number, who must be imported. */
export function ordinaryUser(seed: number, index: number): UserRecord {
  const id = objectId(seed, index)
  const name = { name: `User ${index}`, given_name: 'User', family_name: String(index) }
  const created_at = new Date(firstDay + index * 60_000).toISOString()
  const changes = { email: `user-${index}@load.example`, ...name, created_at }
  if (!isPasswordless(index)) return databaseUser(id, changes)
  return databaseUser(id, {
    ...changes,
    user_id: `email|${id}`,
    identities: [otherIdentity('email', id, false)],
  })
}

export const ordinaryHash = (seed: number, index: number): HashRecord =>
  hashOf(objectId(seed, index), {
    email: `user-${index}@load.example`,
    identifiers: [{ type: 'email', value: `user-${index}@load.example`, verified: true }],
  })
