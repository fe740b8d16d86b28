import 'server-only'
import { type SQL, sql } from 'drizzle-orm'
import { database } from '../../db/database'
import { legacyConfig } from '../../legacy/config'
import { stytchIssuerName } from '../../stytch/issuer'

/** What this app knows about a legacy user who has an account. */
export type KnownUser = {
  subject: string
  accountId: string
  accountName: string
  /** The Stytch user of the same account, and the address that this app knows them by. */
  stytch: { userId: string; email: string } | null
}

/** The legacy users among these who have an account. @throws {DatabaseUnavailable} and driver errors */
export async function knownUsers(subjects: string[]): Promise<Map<string, KnownUser>> {
  if (subjects.length === 0) return new Map()
  const wanted: SQL = sql.join(
    subjects.map((subject) => sql`${subject}`),
    sql`, `,
  )
  const db = await database()
  const { rows } = (await db.execute(sql`
    select distinct on (legacy.subject) legacy.subject, accounts.id, accounts.name,
      stytch.subject as user_id, stytch.email
    from identities legacy
    join accounts on accounts.id = legacy.account_id
    left join identities stytch on stytch.account_id = legacy.account_id
      and stytch.issuer = ${stytchIssuerName()} and stytch.email_verified
    where legacy.issuer = ${legacyConfig().issuer} and legacy.subject in (${wanted})
    order by legacy.subject, stytch.subject`)) as unknown as { rows: Row[] }
  return new Map(rows.map((row) => [row.subject, knownUserOf(row)]))
}

type Row = {
  subject: string
  id: string
  name: string
  user_id: string | null
  email: string | null
}

const knownUserOf = ({ subject, id, name, user_id, email }: Row): KnownUser => ({
  subject,
  accountId: id,
  accountName: name,
  stytch: user_id === null ? null : { userId: user_id, email: email ?? '' },
})

/** The same for one user. Null if the user has no account. */
export const knownUser = async (subject: string): Promise<KnownUser | null> =>
  (await knownUsers([subject])).get(subject) ?? null
