import { database } from '../world/database.ts'

export type PolicyRow = { version: number; document: object; author: string }

/** The newest policy in the database. Nobody put the first version in force, so it has no row. */
export async function latestPolicy(): Promise<PolicyRow> {
  const rows = await database.query<PolicyRow>(
    'select version, document, author from policies order by version desc limit 1',
  )
  return rows[0] ?? { version: 1, document: {}, author: '' }
}
