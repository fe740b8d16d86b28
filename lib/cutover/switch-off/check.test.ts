import { sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import type { Database } from '../../db/database'
import { accounts, identities } from '../../db/schema'
import { openTestDatabase } from '../../db/testing'
import { stytchIssuerName } from '../../stytch/issuer'
import { memberIssuerName } from '../../team/stytch/issuer'
import { storeResult } from '../backfill/reconcile/results'
import { backfillRuns } from '../backfill/schema'
import { writeSightings } from '../observability/sightings'
import { policies } from '../schema'
import { switchOffCheck } from './check'
import { type SwitchOffFacts, switchOffLines } from './checklist'

const now = new Date('2026-06-30T12:00:00Z')
const ago = (days: number) => new Date(now.getTime() - days * 24 * 60 * 60 * 1_000)

const safe: SwitchOffFacts = {
  days: 30,
  legacy: { sessions: 0, lastSeen: ago(40), recordedSince: ago(60) },
  accounts: { total: 1_200, notAtStytch: 0 },
  reconciliation: {
    runId: 'run_1',
    at: ago(6),
    users: { source: 1_200, stytch: 1_210, notCompared: 0 },
    leftOut: 0,
    counts: {},
    fix: null,
    mended: 0,
  },
  mirror: { on: true, waiting: 0, dead: 0 },
  policy: {
    lastRollback: { at: ago(31), author: 'ada@example.com', version: 4 },
    everybodySince: ago(30),
  },
}
const compared = safe.reconciliation as NonNullable<SwitchOffFacts['reconciliation']>
const policy = { lastRollback: null, everybodySince: ago(30) }

describe('the checks that do not pass', () => {
  it.each<[string, Partial<SwitchOffFacts>, string[]]>([
    ['none', {}, []],
    ['none without any rollback', { policy }, []],
    ['none with the mirror off', { mirror: { on: false, waiting: 0, dead: 0 } }, []],
    [
      'a legacy session in the time range',
      { legacy: { sessions: 1, lastSeen: ago(29), recordedSince: ago(60) } },
      ['legacy_sessions'],
    ],
    [
      'a recording shorter than the time range',
      { legacy: { sessions: 0, lastSeen: null, recordedSince: ago(29.9) } },
      ['legacy_sessions'],
    ],
    [
      'no recording',
      { legacy: { sessions: 0, lastSeen: null, recordedSince: null } },
      ['legacy_sessions'],
    ],
    [
      'an account that is not at Stytch',
      { accounts: { total: 2, notAtStytch: 1 } },
      ['accounts_not_at_stytch'],
    ],
    ['no comparison of both providers', { reconciliation: null }, ['reconciliation']],
    [
      'a comparison of a week ago',
      { reconciliation: { ...compared, at: ago(7) } },
      ['reconciliation'],
    ],
    [
      'a difference between both providers',
      { reconciliation: { ...compared, counts: { only_at_auth0: 1 } } },
      ['reconciliation'],
    ],
    [
      'none with users born at Stytch, and addresses that only a user can prove',
      { reconciliation: { ...compared, counts: { only_at_stytch: 9, verified_differs: 2 } } },
      [],
    ],
    ['none with users whom the plan left out', { reconciliation: { ...compared, leftOut: 3 } }, []],
    ['a waiting mirror job', { mirror: { on: true, waiting: 1, dead: 0 } }, ['mirror_waiting']],
    ['a dead mirror job', { mirror: { on: true, waiting: 0, dead: 2 } }, ['mirror_dead']],
    [
      'a recent rollback',
      { policy: { ...policy, lastRollback: { at: ago(29.9), author: 'x', version: 3 } } },
      ['last_rollback'],
    ],
    [
      'a policy that is not everybody',
      { policy: { ...policy, everybodySince: null } },
      ['policy_everybody'],
    ],
    [
      'a policy that is everybody since recently',
      { policy: { ...policy, everybodySince: ago(29.9) } },
      ['policy_everybody'],
    ],
    ['a policy at POLICY_URL', { policy: null }, ['last_rollback', 'policy_everybody']],
  ])('%s', (_, over, wrong) => {
    const lines = switchOffLines({ ...safe, ...over }, now)
    expect(lines.map(({ code }) => code)).toEqual([
      'legacy_sessions',
      'accounts_not_at_stytch',
      'reconciliation',
      'mirror_waiting',
      'mirror_dead',
      'last_rollback',
      'policy_everybody',
    ])
    expect(lines.filter(({ ok }) => !ok).map(({ code }) => code)).toEqual(wrong)
  })

  it('have a text that says what to do', () => {
    const text = (over: Partial<SwitchOffFacts>, code: string) =>
      switchOffLines({ ...safe, ...over }, now).find((line) => line.code === code)?.text
    const legacy = { sessions: 1_234, lastSeen: now, recordedSince: ago(60) }
    expect(text({ legacy }, 'legacy_sessions')).toBe(
      '1,234 legacy sessions were active in the last 30 days. If you switch off now, these users must sign in again. Migrate their sessions, or wait until the sessions expire.',
    )
    expect(text({}, 'accounts_not_at_stytch')).toContain(
      'The comparison of both providers counts them.',
    )
    expect(text({ accounts: { total: 9, notAtStytch: 1 } }, 'accounts_not_at_stytch')).toMatch(
      /^1 of 9 accounts is not at Stytch yet\./,
    )
    expect(
      text(
        { policy: { ...policy, lastRollback: { at: ago(0.5), author: 'x', version: 3 } } },
        'last_rollback',
      ),
    ).toMatch(/^The last rollback was less than a day ago, by x\./)
  })
})

it('the comparison of both providers says what to run, and what to do', () => {
  const text = (over: Partial<typeof compared> | null) =>
    switchOffLines({ ...safe, reconciliation: over && { ...compared, ...over } }, now).find(
      ({ code }) => code === 'reconciliation',
    )?.text
  expect(text(null)).toMatch(/have not been compared.*`npm run backfill -- reconcile --run ID`/)
  expect(text({})).toBe('The last comparison found every planned user at Stytch.')
  expect(text({ leftOut: 1, users: { ...compared.users, notCompared: 2 } })).toBe(
    'The last comparison found every planned user at Stytch. Not at Stytch or unknown: 1 user stayed out by your plan, 2 lines could not be compared.',
  )
  expect(text({ at: ago(30) })).toBe(
    'The last comparison was 30 days ago, and users have changed since. Export the users again, and run `npm run backfill -- reconcile --run run_1 --users FILE`.',
  )
  expect(
    text({
      counts: { only_at_auth0: 1_200, address_differs: 1, only_at_stytch: 5 },
      fix: 'only_at_auth0',
      mended: 7,
    }),
  ).toBe(
    'The last comparison found 1,201 differences: 1,200 `only_at_auth0`, 1 `address_differs`. Of these, 7 with `only_at_auth0` were mended. The page Backfill says what to do about each code. Export the users again, and run `npm run backfill -- reconcile --run run_1 --users FILE`.',
  )
})

describe('the check', () => {
  let db: Database
  beforeAll(async () => {
    Object.assign(process.env, appEnvironment, {
      AUTH0_MANAGEMENT_CLIENT_ID: '',
      AUTH0_MANAGEMENT_CLIENT_SECRET: '',
    })
    db = await openTestDatabase()
  })
  beforeEach(async () => {
    await db.execute(sql`truncate sightings, lane_counts, policies, accounts cascade`)
  })

  const line = async (code: string, days = 30) =>
    (await switchOffCheck(days, now)).lines.find((each) => each.code === code)
  const put = (version: number, document: unknown, days: number, author = 'ada@example.com') =>
    db.insert(policies).values({ version, document, author, createdAt: ago(days) })
  const person = async (id: string, issuers: string[]) => {
    await db.insert(accounts).values({ id, email: id, emailVerified: true, name: '' })
    for (const issuer of issuers) {
      await db
        .insert(identities)
        .values({ issuer, subject: id, accountId: id, email: id, emailVerified: true })
    }
  }

  it('counts the legacy sessions in the time range', async () => {
    await writeSightings([
      { sessionKey: 'a', lane: 'legacy', at: ago(50) },
      { sessionKey: 'b', lane: 'legacy', at: ago(31) },
      { sessionKey: 'c', lane: 'legacy', at: ago(29) },
      { sessionKey: 'd', lane: 'stytch', at: ago(1) },
    ])
    expect(await line('legacy_sessions')).toMatchObject({
      ok: false,
      figures: { sessions: 1, lastSeen: ago(29), recordedDays: 50 },
    })
    expect(await line('legacy_sessions', 40)).toMatchObject({ ok: false, figures: { sessions: 2 } })
    expect(await line('legacy_sessions', 20)).toMatchObject({ ok: true, figures: { sessions: 0 } })
  })

  it('counts the accounts with an identity, and those that are not at Stytch', async () => {
    const legacy = 'https://tenant/'
    await person('both', [legacy, stytchIssuerName()])
    await person('only legacy', [legacy])
    await person('only stytch', [stytchIssuerName()])
    await person('member of a team', [legacy, memberIssuerName('organization-1')])
    await person('without identity', [])
    expect((await line('accounts_not_at_stytch'))?.figures).toEqual({ total: 4, notAtStytch: 1 })
  })

  it('reads the last comparison of both providers', async () => {
    await db.delete(backfillRuns)
    expect(await line('reconciliation')).toMatchObject({
      ok: false,
      figures: { compared: null },
    })
    const files = { usersFile: '', usersDigest: '' }
    await db.insert(backfillRuns).values({ id: 'run_1', ...files, rate: 60, state: 'done' })
    const { runId, users, leftOut, fix, mended } = compared
    const result = { runId, users, leftOut, fix, mended }
    await storeResult({ ...result, id: '1', at: ago(1), counts: {} })
    await storeResult({ ...result, id: '2', at: ago(2), counts: { address_differs: 1 } })
    expect(await line('reconciliation')).toMatchObject({
      ok: true,
      figures: { compared: ago(1), users: 1_200, differences: 0, leftOut: 0, notCompared: 0 },
    })
  })

  it('finds the last rollback, and the start of the policy "everybody"', async () => {
    const rules = { cohort: { percent: 5 }, carrySessions: true, note: '' }
    const nobody = { cohort: 'nobody' }
    const everybody = { cohort: 'everybody' }
    expect(await line('last_rollback')).toMatchObject({ ok: true, figures: { at: null } })
    expect(await line('policy_everybody')).toMatchObject({ ok: false, figures: { since: null } })

    await put(2, nobody, 100)
    await put(3, rules, 90)
    await put(4, nobody, 80)
    await put(5, nobody, 79, 'another operator')
    expect((await line('last_rollback'))?.figures).toMatchObject({ version: 4, at: ago(80) })
    await put(6, everybody, 70)
    await put(7, nobody, 60, 'control-token')
    await put(8, rules, 50)
    await put(9, everybody, 40)
    await put(10, { ...everybody, note: 'still' }, 10)
    expect(await line('last_rollback')).toMatchObject({
      ok: true,
      figures: { version: 7, at: ago(60), author: 'control-token' },
    })
    expect(await line('policy_everybody')).toMatchObject({ ok: true, figures: { since: ago(40) } })
    await put(11, rules, 5)
    expect(await line('policy_everybody')).toMatchObject({ ok: false, figures: { since: null } })
  })

  it.each([0, 1.5, 91, Number.NaN])(
    'refuses a time range outside 1 to 90 days: %s',
    async (days) => {
      await expect(switchOffCheck(days, now)).rejects.toThrow(RangeError)
    },
  )
})
