import type { SkipReason } from './import/import-row'
import type { Outcome } from './plan/outcome'
import type { DifferenceCode } from './reconcile/differences'
import type { Usage } from './undo/usage'

/**
 * What each code means and what to do about it, for the control room. A test compares these texts with the tables of
 * docs/backfill.md. Backquotes mark code.
 */
export type CodeText = { why: string; whatToDo: string | null }

export const planTexts: Record<Outcome, CodeText> = {
  create_with_password: { why: 'imported with the password', whatToDo: null },
  create: {
    why: 'imported without a password: there is no file with hashes, or the user has no password at Auth0',
    whatToDo: null,
  },
  already: { why: 'nothing: the account of this user has a Stytch identity', whatToDo: null },
  line_unreadable: {
    why: 'a line is not UTF-8, not JSON or CSV, longer than 1 MiB, or lacks a field',
    whatToDo:
      'look at the line. The column `reason` names the field. A cut last line means a cut download: export again',
  },
  subject_twice: {
    why: 'two lines have the same subject, in two connections or by two exports in one file',
    whatToDo: 'remove one line, or rename one user',
  },
  blocked: {
    why: 'the user is blocked',
    whatToDo: 'accept. Unblock a user at Auth0 first who shall be imported',
  },
  external_id_impossible: {
    why: 'Stytch does not allow the characters of the subject as an external id, such as the `@` of enterprise logins',
    whatToDo: 'accept',
  },
  mapping_invalid: {
    why: 'your mapping returned a field that Stytch does not take',
    whatToDo: 'correct the mapping, and plan with `--again`. The column `reason` names the field',
  },
  organization_member: {
    why: 'your mapping says so',
    whatToDo: 'move them with their organization: backfill-organizations.md',
  },
  mfa_enrolled: {
    why: 'the user has a second factor, which no export contains. At Stytch, the next sign-in would need only the password',
    whatToDo: 'accept, and ask these users to enroll at Stytch',
  },
  social_only: {
    why: 'the user signs in by a social login only',
    whatToDo: 'accept. Stytch creates them at their next login',
  },
  phone_only: {
    why: 'the user has a phone and no address',
    whatToDo: "accept, or import them by Stytch's API",
  },
  email_missing: { why: 'the user has neither a phone nor an address', whatToDo: 'accept' },
  email_invalid: {
    why: 'the address is no address, or has other than ASCII letters',
    whatToDo: 'correct it at Auth0',
  },
  email_unverified: {
    why: "Auth0 has not verified the address, or only an enterprise connection outside `AUTH0_SSO_DOMAINS` has. It may be a stranger's",
    whatToDo: 'accept. The user is imported by a later run, once they have verified it',
  },
  email_twice: {
    why: 'another user has proved the same address, for example in another connection. At Stytch an address has one user',
    whatToDo: 'decide who keeps it. Link the users at Auth0, or change one address',
  },
  hash_unsupported: {
    why: 'Stytch does not take this hash, or its parameters are unknown, or two hashes belong to one user',
    whatToDo:
      'accept, and let these users reset their password. `reason` is `hash_format_unknown`, `hash_twice` or a column',
  },
  user_without_hash: {
    why: 'the user has a password at Auth0, and the file has no hash for it',
    whatToDo: 'ask Auth0 for a newer file',
  },
  hash_without_user: {
    why: 'the file has a hash, and no user has its subject and connection',
    whatToDo: 'export the users again: they may be newer, or deleted since',
  },
}

type ImportCode =
  | Exclude<SkipReason, keyof typeof planTexts>
  | 'already'
  | 'blocked'
  | 'mfa_enrolled'
  | 'email_unverified'

export const importTexts: Record<
  ImportCode | 'attempts_exhausted' | 'stytch_…' | 'legacy_…',
  CodeText
> = {
  already: {
    why: 'Stytch has the user with this external id, by another run or a carry-over. The identities are linked',
    whatToDo: 'nothing',
  },
  address_taken: {
    why: 'somebody else has the address at Stytch. Nobody is adopted without a proof',
    whatToDo: 'the user signs in at Stytch by a code or link, which proves the address',
  },
  address_differs: {
    why: 'Stytch, the app or Auth0 now has another address than the file',
    whatToDo: 'export again, or correct one side',
  },
  stytch_user_unproven: {
    why: 'the Stytch user has a way to sign in that an attacker may know',
    whatToDo: 'the user signs in by a code or link',
  },
  account_conflict: {
    why: 'the Stytch user belongs to another account',
    whatToDo: 'look at both in `identities`',
  },
  blocked: {
    why: 'Auth0 has blocked or deleted the user since the export',
    whatToDo: 'nothing',
  },
  mfa_enrolled: {
    why: 'the user has a second factor at Auth0 since the export',
    whatToDo: 'nothing',
  },
  email_unverified: {
    why: 'Auth0 no longer calls the address verified',
    whatToDo: 'nothing',
  },
  attempts_exhausted: {
    why: 'a process died with this row six times',
    whatToDo:
      'look for a crash in the output of the import. `reconcile --fix only_at_auth0` tries again',
  },
  'stytch_…': {
    why: 'Stytch refused the user or did not answer',
    whatToDo: "look up Stytch's error. `reconcile --fix only_at_auth0` tries again",
  },
  'legacy_…': {
    why: 'Auth0 refused the look-up or did not answer',
    whatToDo: "look up Auth0's error. `reconcile --fix only_at_auth0` tries again",
  },
}

export const differenceTexts: Record<DifferenceCode, CodeText> = {
  only_at_auth0: {
    why: 'the plan wanted the user at Stytch, and there is none. Or the user is new since the plan, and a plan would want them',
    whatToDo: '`--fix` imports the user again. Users who are new need a plan of a newer export',
  },
  only_at_stytch: {
    why: 'nobody in the file belongs to the Stytch user, such as a new sign-up, or a user deleted at Auth0',
    whatToDo: 'nothing',
  },
  address_differs: {
    why: 'the addresses differ',
    whatToDo: 'correct one side. The new address needs a proof',
  },
  verified_differs: {
    why: 'only one side calls the address verified',
    whatToDo: 'nothing: only the user can prove it',
  },
  blocked_there_live_here: {
    why: 'blocked in the file, and not by this app',
    whatToDo:
      '`--fix` looks the user up at Auth0, refuses them here, and ends the sessions at Stytch',
  },
  external_id_of_somebody_else: {
    why: 'the Stytch user has the external id of one user, and the address or the account of another',
    whatToDo: 'decide who it is',
  },
  two_users_for_one_subject: {
    why: 'two Stytch users belong to one user',
    whatToDo: 'decide which one stays',
  },
  account_without_identity: {
    why: 'the Stytch user has the external id, and is not linked here',
    whatToDo: '`--fix` links them, if the import would',
  },
}

export const undoTexts: Record<`kept_${Usage}` | 'kept_stytch_…', CodeText> = {
  kept_other_run: { why: 'the run did not make the user', whatToDo: null },
  kept_session: { why: 'the user has a live session at Stytch', whatToDo: null },
  kept_changed: {
    why: 'the user has an address or a way to sign in that the import did not write, or proved the address at Stytch',
    whatToDo: null,
  },
  kept_event: {
    why: 'an event says that the user signed in at Stytch, or that a session was carried over',
    whatToDo: null,
  },
  kept_proof: { why: 'a session has opened the Stytch identity', whatToDo: null },
  'kept_stytch_…': { why: 'Stytch refused the deletion', whatToDo: null },
}

const has = <T extends object>(texts: T, code: string): code is keyof T & string =>
  Object.hasOwn(texts, code)

/** The text for a row that the import or undo has settled. @param code the reason of the row */
export function settledText(code: string): CodeText {
  if (has(undoTexts, code)) return undoTexts[code]
  if (code.startsWith('kept_stytch_')) return undoTexts['kept_stytch_…']
  if (has(importTexts, code)) return importTexts[code]
  if (code.startsWith('stytch_')) return importTexts['stytch_…']
  if (code.startsWith('legacy_')) return importTexts['legacy_…']
  if (has(planTexts, code)) return planTexts[code]
  return planTexts.line_unreadable
}
