import 'server-only'
import { importRow } from '../backfill/import/import-row'
import type { Limiter } from '../backfill/import/limiter'
import { isImportable, type Outcome, outcomeOf } from '../backfill/plan/outcome'
import { moveLegacyIdentity } from './exchange-address'
import { knownUser } from './known-user'
import { isEmailTwice, type LegacyUser } from './legacy-user'
import { type Forwarded, type LeftOut, leftOut, written } from './outcome'
import { oldestExport } from './plan-time'
import { forwardMark } from './stytch-usage'
import { ImportInProgress, type ImportRow, importRowsOf, stopImport } from './waiting-rows'

/** What the standard mapping of the plan would say. The operator's mapping is not part of the server. */
export function stytchName(name: string): { first_name: string; last_name: string } {
  const [first_name = '', ...rest] = name.trim().split(/\s+/)
  return { first_name: first_name.slice(0, 128), last_name: rest.join(' ').slice(0, 128) }
}

/**
 * Creates a user at Stytch by the rules of the plan and the import, without a password: no record has the hash. Links the
 * account and both identities as a row of an import does.
 * @param now before the record was read. Older legacy sessions must prove the address themselves
 * @throws {ImportInProgress} and the errors of {@link importRow}
 */
export async function forwardNewUser(
  user: LegacyUser,
  rows: ImportRow[],
  call: Limiter,
  now: Date,
): Promise<Forwarded> {
  const refusal = await planRefusal(user, rows)
  if (refusal) return leftOut(refusal)
  const mapped = user.name === '' ? {} : { name: stytchName(user.name) }
  const facts = { hash: 'no_file', isSubjectTwice: false, isAtStytch: false } as const
  const planned = outcomeOf(user, mapped, { ...facts, isEmailTwice: false }).outcome
  const isTwice =
    isImportable(planned) && user.email !== null && (await isEmailTwice(user, user.email))
  const outcome = isTwice ? 'email_twice' : planned
  if (!isImportable(outcome)) {
    // The file of an import may say something else, and it is older.
    await stopImport(user.subject, outcome)
    return leftOut(outcome)
  }
  if (user.email !== null) await moveLegacyIdentity(user, user.email, now)
  const { state, reason, madeUser } = await importRow(
    rowOf(user.subject),
    { user, hash: null, mapped },
    // The record was read a moment before, so the row needs no second look.
    { call, runId: forwardMark, plannedAt: now, records: null },
  )
  if (state === 'done') {
    if (!madeUser) return written('linked')
    return written(user.connection === null ? 'created' : 'password_unknown')
  }
  if (reason === 'address_differs') await lookAgainIfImported(user.subject)
  return leftOut(reason as LeftOut)
}

/** Codes of the plan about what only its files and the operator's mapping say. */
const decidedByPlan: readonly Outcome[] = [
  'organization_member',
  'mapping_invalid',
  'subject_twice',
  'hash_unsupported',
  'user_without_hash',
]

/** Why the operator has not chosen this user. Without a plan, everybody who signs up or changes is created. */
async function planRefusal(
  { createdAt }: LegacyUser,
  rows: ImportRow[],
): Promise<Outcome | 'not_planned' | null> {
  const decided = decidedByPlan.find((code) => rows.some(({ outcome }) => outcome === code))
  if (decided) return decided
  if (rows.length > 0 || createdAt === null) return null
  const exportedAt = await oldestExport()
  return exportedAt && createdAt < exportedAt ? 'not_planned' : null
}

/** With more than one attempt, the user is looked up before they are created. */
const rowOf = (subject: string) => ({
  runId: forwardMark,
  subject,
  outcome: 'create',
  userOffset: 0,
  userLength: 0,
  hashOffset: null,
  hashLength: null,
  stytchUserId: null,
  madeUser: false,
  attempts: 2,
})

/** An import has created the user with the old address a moment before. The next attempt exchanges it. */
async function lookAgainIfImported(subject: string): Promise<void> {
  const [known, rows] = await Promise.all([knownUser(subject), importRowsOf(subject)])
  if (known?.stytch || rows.some((row) => row.isInHand)) throw new ImportInProgress()
}
