import { randomBytes, scryptSync } from 'node:crypto'
import type { Client, Pool } from 'pg'
import { demoPassword, demoUsers } from '../settings.ts'

/** The demo users in the tables of the in-house login. */

const cost = { N: 16_384, r: 8, p: 1 }

/** As lib/legacy/in-house/password-hash.ts stores it. */
function hashOf(password: string): string {
  const salt = randomBytes(16)
  const key = scryptSync(password, salt, 32, cost)
  return `scrypt$${cost.N}$${cost.r}$${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`
}

let memo: string | undefined

/** The hash of the password that all demo users have. */
export function demoPasswordHash(): string {
  memo ??= hashOf(demoPassword)
  return memo
}

/** Adds the demo users that are missing. */
export async function addInHouseUsers(database: Pick<Client | Pool, 'query'>): Promise<void> {
  // The ids are those of the Auth0 stand-in, because the Stytch stand-in has them as external ids.
  for (const { subject, email, emailVerified, name } of demoUsers) {
    await database.query(
      `insert into legacy_users (id, email, email_verified, name, password_hash)
       values ($1, $2, $3, $4, $5) on conflict do nothing`,
      [subject, email, emailVerified, name, demoPasswordHash()],
    )
  }
}

/** Deletes all users of the in-house login with their sessions, and adds the demo users. */
export async function seedInHouseUsers(database: Pick<Client | Pool, 'query'>): Promise<void> {
  await database.query('delete from legacy_users')
  await addInHouseUsers(database)
}
