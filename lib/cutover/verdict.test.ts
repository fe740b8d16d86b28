import { describe, expect, it } from 'vitest'
import { decideVerdict, type Facts, type Verdict } from './verdict'

const kinds = ['page', 'public', 'api', 'prefetch', 'action'] as const
const flows = ['stytch', 'legacy'] as const
const stytchStates = ['valid', 'refreshable', 'unavailable', 'none'] as const
const legacyStates = ['valid', 'none'] as const

const every: Facts[] = kinds.flatMap((kind) =>
  flows.flatMap((flow) =>
    [true, false].flatMap((carry) =>
      stytchStates.flatMap((stytch) =>
        legacyStates.map((legacy) => ({ kind, flow, carry, stytch, legacy })),
      ),
    ),
  ),
)

/** The decision table of the design, column "page", one row a line: flow, stytch, legacy, carry, verdict. */
const pageTable: [string, string, string, boolean | 'any', string][] = [
  ['any', 'valid', 'any', 'any', 'serve stytch'],
  ['any', 'refreshable', 'any', 'any', 'refresh'],
  ['stytch', 'none', 'valid', true, 'serve legacy, migrate'],
  ['stytch', 'none', 'valid', false, 'login (legacy_session_not_accepted)'],
  ['stytch', 'none', 'none', 'any', 'login (no_session)'],
  ['legacy', 'none', 'valid', 'any', 'serve legacy'],
  ['legacy', 'none', 'none', 'any', 'login (no_session)'],
  // Stytch does not answer: who still has a legacy session that counts goes on with it, nobody is logged out.
  ['stytch', 'unavailable', 'valid', true, 'serve legacy'],
  ['stytch', 'unavailable', 'valid', false, 'retry'],
  ['legacy', 'unavailable', 'valid', 'any', 'serve legacy'],
  ['any', 'unavailable', 'none', 'any', 'retry'],
]

const inWords = ({ action, lane, migrate, reason }: Verdict): string => {
  if (action === 'serve') return `serve ${lane}${migrate ? ', migrate' : ''}`
  return action === 'login' ? `login (${reason})` : action
}

const rowOf = (facts: Facts) =>
  pageTable.filter(
    ([flow, stytch, legacy, carry]) =>
      (flow === 'any' || flow === facts.flow) &&
      stytch === facts.stytch &&
      (legacy === 'any' || legacy === facts.legacy) &&
      (carry === 'any' || carry === facts.carry),
  )

describe('the decision table', () => {
  it.each(every.filter(({ kind }) => kind === 'page'))(
    'page: $flow $stytch $legacy carry=$carry',
    (facts) => {
      const rows = rowOf(facts)
      expect(rows).toHaveLength(1)
      expect(inWords(decideVerdict(facts))).toBe(rows[0]?.[4])
    },
  )

  const withoutSession = {
    public: { login: 'serve anonymous', retry: 'serve anonymous' },
    api: { login: 'refuse', retry: 'retry' },
    action: { login: 'serve anonymous', retry: 'serve anonymous' },
    prefetch: { login: 'skip', retry: 'skip', refresh: 'skip' },
  } as const

  it.each(every.filter(({ kind }) => kind !== 'page'))(
    '$kind follows the page, with its own words: $flow $stytch $legacy carry=$carry',
    (facts) => {
      const page = decideVerdict({ ...facts, kind: 'page' })
      const verdict = decideVerdict(facts)
      const own: Partial<Record<string, string>> =
        withoutSession[facts.kind as keyof typeof withoutSession]
      expect(inWords(verdict)).toBe(own[page.action] ?? inWords({ ...page, migrate: false }))
      expect(verdict.reason).toBe(page.reason)
    },
  )
})

describe('what holds whatever the policy', () => {
  it('never demotes a valid Stytch session', () => {
    for (const facts of every.filter(({ stytch }) => stytch === 'valid')) {
      expect(decideVerdict(facts)).toMatchObject({
        action: 'serve',
        lane: 'stytch',
        migrate: false,
      })
    }
  })

  it('serves no session that was not found valid', () => {
    for (const facts of every) {
      const { action, lane } = decideVerdict(facts)
      if (action !== 'serve') expect(lane).toBe('anonymous')
      if (lane === 'stytch') expect(facts.stytch).toBe('valid')
      if (lane === 'legacy') expect(facts.legacy).toBe('valid')
    }
  })

  it('migrates only from a page, a live legacy session, in the cohort, when sessions are carried', () => {
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

  it('never redirects an API call, an action or a prefetch', () => {
    for (const facts of every.filter(({ kind }) => kind !== 'page')) {
      expect(decideVerdict(facts).action).not.toBe('login')
    }
  })

  it('asks Stytch for nothing because of a prefetch', () => {
    for (const facts of every.filter(({ kind }) => kind === 'prefetch')) {
      expect(decideVerdict(facts).action).not.toBe('refresh')
    }
  })
})
