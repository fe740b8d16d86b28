import { describe, expect, it } from 'vitest'
import { decideVerdict, type Facts, type Verdict } from './verdict'

/** Lists the keys of a record. The type checker finds a value of the type that is missing here. */
const all = <Value extends string>(values: Record<Value, true>) => Object.keys(values) as Value[]
const kinds = all<Facts['kind']>({
  page: true,
  public: true,
  api: true,
  prefetch: true,
  action: true,
})
const flows = all<Facts['flow']>({ stytch: true, legacy: true })
const stytchStates = all<Facts['stytch']>({
  valid: true,
  refreshable: true,
  unavailable: true,
  none: true,
})
const legacyStates = all<Facts['legacy']>({ valid: true, none: true })

const every: Facts[] = kinds.flatMap((kind) =>
  flows.flatMap((flow) =>
    [true, false].flatMap((carry) =>
      stytchStates.flatMap((stytch) =>
        legacyStates.map((legacy) => ({ kind, flow, carry, stytch, legacy })),
      ),
    ),
  ),
)

/**
 * The decision table. Each row holds the flow, the Stytch session, the legacy session, carry and the reason.
 * The verdict for each kind of request follows.
 */
const columns = ['page', 'public', 'api', 'prefetch', 'action'] as const
type Words = 'serve stytch' | 'serve legacy' | 'serve legacy, migrate' | 'serve anonymous'
type Row = [
  Facts['flow'] | 'any',
  Facts['stytch'],
  Facts['legacy'] | 'any',
  boolean | 'any',
  Verdict['reason'],
  ...(Words | Exclude<Verdict['action'], 'serve'>)[],
]
// biome-ignore format: a table
const table: Row[] = [
  ['any',    'valid',       'any',   'any', 'stytch_session',
    'serve stytch', 'serve stytch', 'serve stytch', 'serve stytch', 'serve stytch'],
  ['any',    'refreshable', 'any',   'any', 'stytch_session_expired',
    'refresh', 'refresh', 'refresh', 'skip', 'refresh'],
  ['stytch', 'none',        'valid', true,  'legacy_session_carried_over',
    'serve legacy, migrate', 'serve legacy', 'serve legacy', 'serve legacy', 'serve legacy'],
  ['stytch', 'none',        'valid', false, 'legacy_session_not_accepted',
    'login', 'serve anonymous', 'refuse', 'skip', 'serve anonymous'],
  ['stytch', 'none',        'none',  'any', 'no_session',
    'login', 'serve anonymous', 'refuse', 'skip', 'serve anonymous'],
  ['legacy', 'none',        'valid', 'any', 'legacy_session',
    'serve legacy', 'serve legacy', 'serve legacy', 'serve legacy', 'serve legacy'],
  ['legacy', 'none',        'none',  'any', 'no_session',
    'login', 'serve anonymous', 'refuse', 'skip', 'serve anonymous'],
  // Stytch does not answer. An accepted legacy session is served, and no user is logged out.
  ['stytch', 'unavailable', 'valid', true,  'stytch_unavailable',
    'serve legacy', 'serve legacy', 'serve legacy', 'serve legacy', 'serve legacy'],
  ['stytch', 'unavailable', 'valid', false, 'stytch_unavailable',
    'retry', 'serve anonymous', 'retry', 'skip', 'serve anonymous'],
  ['legacy', 'unavailable', 'valid', 'any', 'stytch_unavailable',
    'serve legacy', 'serve legacy', 'serve legacy', 'serve legacy', 'serve legacy'],
  ['any',    'unavailable', 'none',  'any', 'stytch_unavailable',
    'retry', 'serve anonymous', 'retry', 'skip', 'serve anonymous'],
]

const inWords = ({ action, lane, migrate }: Verdict): string =>
  `${action}${action === 'serve' ? ` ${lane}` : ''}${migrate ? ', migrate' : ''}`

const isRowOf =
  (facts: Facts) =>
  ([flow, stytch, legacy, carry]: Row): boolean =>
    (flow === 'any' || flow === facts.flow) &&
    stytch === facts.stytch &&
    (legacy === 'any' || legacy === facts.legacy) &&
    (carry === 'any' || carry === facts.carry)

describe('the decision table', () => {
  it('covers every combination, and each row covers at least one', () => {
    expect(every).toHaveLength(5 * 2 * 2 * 4 * 2)
    for (const row of table) {
      expect(row).toHaveLength(5 + columns.length)
      expect(every.some((facts) => isRowOf(facts)(row))).toBe(true)
    }
  })

  it.each(every)('$kind: $flow $stytch $legacy carry=$carry', (facts) => {
    const rows = table.filter(isRowOf(facts))
    expect(rows).toHaveLength(1)
    const [, , , , reason, ...verdicts] = rows[0] as Row
    const verdict = decideVerdict(facts)
    expect(inWords(verdict)).toBe(verdicts[columns.indexOf(facts.kind)])
    expect(verdict.reason).toBe(reason)
  })
})

describe('under every policy, the verdict', () => {
  it('never demotes a valid Stytch session', () => {
    for (const facts of every.filter(({ stytch }) => stytch === 'valid')) {
      expect(decideVerdict(facts)).toMatchObject({
        action: 'serve',
        lane: 'stytch',
        migrate: false,
      })
    }
  })

  it('serves no invalid session', () => {
    for (const facts of every) {
      const { action, lane } = decideVerdict(facts)
      if (action !== 'serve') expect(lane).toBe('anonymous')
      if (lane === 'stytch') expect(facts.stytch).toBe('valid')
      if (lane === 'legacy') expect(facts.legacy).toBe('valid')
    }
  })

  it('migrates only a live legacy session, on a page, in the cohort, when the policy carries sessions', () => {
    for (const facts of every.filter((each) => decideVerdict(each).migrate)) {
      expect(facts).toEqual({
        kind: 'page',
        flow: 'stytch',
        carry: true,
        stytch: 'none',
        legacy: 'valid',
      })
    }
  })

  it('redirects no API call, no action and no prefetch', () => {
    for (const facts of every.filter(({ kind }) => kind !== 'page')) {
      expect(decideVerdict(facts).action).not.toBe('login')
    }
  })

  it('refreshes no session for a prefetch', () => {
    for (const facts of every.filter(({ kind }) => kind === 'prefetch')) {
      expect(decideVerdict(facts).action).not.toBe('refresh')
    }
  })
})
