import { createHmac, randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { normalizedEmail } from '../../../account/email-address'
import type { Database } from '../../../db/database'
import { identities } from '../../../db/schema'
import { externalIdOf } from '../../migration/external-id'
import type { Entry } from '../source/source-file'
import type { SourceHash, SourceUser } from '../source/source-user'
import type { Facts } from './outcome'

/**
 * Temporary tables that compare all lines with each other, so that the memory stays flat. They hold fingerprints under
 * a key that ends with the plan. So nobody can read a subject or an address in them.
 */
export type WorkTables = Awaited<ReturnType<typeof createWorkTables>>

export type HashPlace = { offset: number; length: number }

/** @param issuers the names under which our own table knows the users of both providers */
export async function createWorkTables(
  tx: Database,
  issuers: { legacy: string; stytch: string },
  hasHashes: boolean,
) {
  const key = randomBytes(32)
  const fingerprint = (...parts: (string | null)[]): string =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex').slice(0, 32)
  const addressOf = ({ email }: SourceUser) =>
    email === null ? null : fingerprint('address', normalizedEmail(email))
  const passwordOf = (user: SourceUser) =>
    fingerprint('password', user.passwordSubject ?? user.subject, user.connection)

  // Postgres keeps temporary tables in 8 MB by default, and a million users need more. A session that has used such a
  // table keeps its setting.
  await tx.execute(sql`do $$ begin
    perform set_config('temp_buffers', '256MB', true);
    exception when invalid_parameter_value then null;
  end $$`)
  await tx.execute(sql`create temporary table plan_users
    (at bigint not null, subject uuid not null, password uuid not null, address uuid) on commit drop`)
  await tx.execute(sql`create temporary table plan_hashes
    (at bigint primary key, length int not null, password uuid, problem text) on commit drop`)
  for (const column of ['subject', 'password', 'address']) {
    await tx.execute(sql`create index on plan_users (${sql.identifier(column)})`)
  }
  await tx.execute(sql`create index on plan_hashes (password)`)

  return {
    async addUsers(entries: Entry<SourceUser>[]): Promise<void> {
      const rows = entries.flatMap(({ offset, parsed: user }) =>
        'problem' in user
          ? []
          : {
              at: offset,
              subject: fingerprint('subject', user.subject),
              password: passwordOf(user),
              // An unverified address is nobody's, so it makes no other user wait.
              address: user.emailVerified ? addressOf(user) : null,
            },
      )
      await tx.execute(sql`insert into plan_users select * from
        json_to_recordset(${JSON.stringify(rows)}::json) as r(at bigint, subject uuid, password uuid, address uuid)`)
    },

    async addHashes(entries: Entry<SourceHash>[]): Promise<void> {
      const rows = entries.map(({ offset, length, parsed: hash }) => ({
        at: offset,
        length,
        password: 'subject' in hash ? fingerprint('password', hash.subject, hash.connection) : null,
        problem: 'problem' in hash ? `${hash.problem}:${hash.reason}` : null,
      }))
      await tx.execute(sql`insert into plan_hashes select * from
        json_to_recordset(${JSON.stringify(rows)}::json) as r(at bigint, length int, password uuid, problem text)`)
    },

    /** Call it once both tables are full. Otherwise Postgres would read them in full for each batch. */
    async analyze(): Promise<void> {
      await tx.execute(sql`analyze plan_users`)
      await tx.execute(sql`analyze plan_hashes`)
    },

    /** The facts about each of these users, in their order. */
    async factsOf(
      users: { offset: number; user: SourceUser }[],
    ): Promise<(Facts & { place: HashPlace | null; hashReason: string | null })[]> {
      const asked = users.map(({ offset, user }, index) => ({
        index,
        at: offset,
        subject: fingerprint('subject', user.subject),
        password: passwordOf(user),
        address: addressOf(user),
        known: externalIdOf(user.subject),
      }))
      const { rows } = await tx.execute<{
        subject_twice: boolean
        email_twice: boolean
        at_stytch: boolean
        hashes: number
        hash_at: number | null
        hash_length: number | null
        problem: string | null
      }>(sql`
        select
          exists (select 1 from plan_users u where u.subject = q.subject and u.at <> q.at) subject_twice,
          exists (select 1 from plan_users u where u.address = q.address and u.at <> q.at) email_twice,
          exists (
            select 1 from ${identities} old join ${identities} new on new.account_id = old.account_id
            where old.issuer = ${issuers.legacy} and old.subject = q.known and new.issuer = ${issuers.stytch}
          ) at_stytch,
          h.*
        from json_to_recordset(${JSON.stringify(asked)}::json)
          as q(index int, at bigint, subject uuid, password uuid, address uuid, known text)
        cross join lateral (
          select count(*)::int hashes, min(at)::float8 hash_at, min(length) hash_length, min(problem) problem
          from plan_hashes where plan_hashes.password = q.password
        ) h
        order by q.index`)
      return rows.map((row) => {
        const problem = row.hashes > 1 ? 'hash_unsupported:hash_twice' : row.problem
        const hash = problem ? 'unsupported' : row.hashes === 1 ? 'usable' : 'missing'
        const isUsable = hash === 'usable' && row.hash_at !== null && row.hash_length !== null
        return {
          hash: hash === 'missing' && !hasHashes ? 'no_file' : hash,
          hashReason: problem?.split(':')[1] ?? null,
          isSubjectTwice: row.subject_twice,
          isEmailTwice: row.email_twice,
          isAtStytch: row.at_stytch,
          place: isUsable
            ? { offset: row.hash_at as number, length: row.hash_length as number }
            : null,
        }
      })
    },

    /** The next hash lines after an offset that belong to no user, or cannot be read. */
    async hashesWithoutUser(after: number, limit: number) {
      const { rows } = await tx.execute<{
        at: number
        length: number
        problem: string | null
        is_unused: boolean
      }>(
        // With `not exists`, Postgres would read all users for each batch.
        sql`
        select at::float8 at, length, problem,
          (select at from plan_users u where u.password = h.password limit 1) is null is_unused
        from plan_hashes h where at > ${after} order by at limit ${limit}`,
      )
      return rows
    },
  }
}
