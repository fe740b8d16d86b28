import 'server-only'
import { type SQL, sql } from 'drizzle-orm'
import { database } from '../../../db/database'
import { legacyConfig } from '../../../legacy/config'
import { stytchIssuerName } from '../../../stytch/issuer'
import {
  type Difference,
  differencesOf,
  type Note,
  type SourceSide,
  type StytchSide,
} from './differences'
import { analyzeSides } from './sides'

/** Small enough for the time-out of a statement. */
const pageSize = 500
/** The same as in migration/external-id.ts. */
const externalIdPattern = '^[A-Za-z0-9._|-]{1,128}$'

type Compared = SourceSide & { accountId: string | null; users: StytchSide[] }

/** Streams the differences and notes of both sides, in pages. The sides must be written. */
export async function* compareSides(
  reconcileId: string,
  runId: string,
): AsyncGenerator<Difference | Note> {
  await analyzeSides()
  for (let last = ''; ; ) {
    const page = await query<Compared>(sourcePage(reconcileId, runId, last))
    for (const { users, accountId, ...source } of page) {
      yield* differencesOf(source, users, accountId)
    }
    const end = page.at(-1)
    if (!end) break
    last = end.subject
  }
  for (let last = ''; ; ) {
    const page = await query<{ id: string; subject: string | null; isKnown: boolean }>(
      stytchPage(reconcileId, last),
    )
    for (const { id, subject, isKnown } of page) {
      if (!isKnown) yield { code: 'only_at_stytch', subject, stytchUserId: id }
    }
    const end = page.at(-1)
    if (!end) break
    last = end.id
  }
}

/** The next users of the file, with the Stytch users that belong to each by external id or by the account. */
const sourcePage = (reconcileId: string, runId: string, last: string): SQL => sql`
  with page as (
    select distinct on (subject) subject, address_key, is_verified, is_blocked, is_importable
    from backfill_sides
    where reconcile_id = ${reconcileId} and side = 'source' and subject > ${last}
    order by subject limit ${pageSize}
  ), pairs as (
    select page.subject, users.stytch_user_id as id from page
      join backfill_sides users on users.reconcile_id = ${reconcileId} and users.side = 'stytch'
        and users.subject = page.subject
    union
    select page.subject, there.subject from page
      join identities here on here.issuer = ${legacyConfig().issuer} and here.subject = page.subject
      join identities there on there.account_id = here.account_id
        and there.issuer = ${stytchIssuerName()}
  ), users as (
    select pairs.subject, jsonb_build_object(
      'stytchUserId', pairs.id,
      'addresses', coalesce(jsonb_agg(jsonb_build_object('address', side.address_key,
        'isVerified', side.is_verified)) filter (where side.address_key is not null), '[]'),
      'hasPassword', bool_or(side.has_password),
      'hasExternalId', coalesce(bool_or(side.subject = pairs.subject), false),
      'accountId', (select account_id from identities
        where issuer = ${stytchIssuerName()} and subject = pairs.id),
      'hasAddressOfAnother', bool_or(exists (select from backfill_sides other
        where other.reconcile_id = ${reconcileId} and other.side = 'source'
          and other.address_key = side.address_key and other.subject <> pairs.subject))
    ) as facts
    from pairs join backfill_sides side
      on side.reconcile_id = ${reconcileId} and side.stytch_user_id = pairs.id
    group by pairs.subject, pairs.id
  )
  select page.subject, page.address_key as address, page.is_verified as "isVerified",
    page.is_blocked as "isBlocked",
    exists (select from revocations
      where key = 'user ' || ${legacyConfig().issuer} || ' ' || page.subject
        and reason in ('blocked', 'blocked_by_mirror', 'deleted')) as "isRefused",
    coalesce(
      (select planned.outcome not in ('create', 'create_with_password', 'already')
        from backfill_rows planned
        where planned.run_id = ${runId} and planned.subject = page.subject),
      not page.is_importable or exists (select from backfill_sides twice
        where twice.reconcile_id = ${reconcileId} and twice.side = 'source'
          and twice.subject = page.subject offset 1)
    ) as "isLeftOut",
    (select account_id from identities
      where issuer = ${legacyConfig().issuer} and subject = page.subject) as "accountId",
    coalesce((select jsonb_agg(facts) from users where users.subject = page.subject), '[]') as users
  from page order by page.subject`

/**
 * The next users of Stytch, and whether the file has a user to whom each belongs. A user with an enterprise subject is
 * not compared, and so counts as known. Postgres evaluates the lateral part for each user of the page by the indexes. As
 * one condition with `or`, it would read the whole tables.
 */
const stytchPage = (reconcileId: string, last: string): SQL => sql`
  with page as (
    select distinct on (stytch_user_id) stytch_user_id as id, subject from backfill_sides
    where reconcile_id = ${reconcileId} and stytch_user_id > ${last}
    order by stytch_user_id limit ${pageSize}
  )
  select id, page.subject, coalesce(linked.is_known, false) or exists (
    select from backfill_sides source where source.reconcile_id = ${reconcileId}
      and source.side = 'source' and source.subject = page.subject
  ) as "isKnown"
  from page left join lateral (
    select bool_or(here.subject !~ ${externalIdPattern} or exists (
      select from backfill_sides source where source.reconcile_id = ${reconcileId}
        and source.side = 'source' and source.subject = here.subject)) as is_known
    from identities there join identities here on here.account_id = there.account_id
      and here.issuer = ${legacyConfig().issuer}
    where there.issuer = ${stytchIssuerName()} and there.subject = page.id
  ) linked on true
  order by id`

async function query<T>(statement: SQL): Promise<T[]> {
  const db = await database()
  return ((await db.execute(statement)) as unknown as { rows: T[] }).rows
}
