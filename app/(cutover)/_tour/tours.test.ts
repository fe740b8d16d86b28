import { describe, expect, it } from 'vitest'
import type { Facts } from './facts'
import { isTooFar, isTourName, stepsDone, type TourName, tours } from './tours'

type Progress = Facts['progress']
type Over = {
  lane?: Facts['trace']['lane']
  cookies?: readonly string[]
  reason?: string
  option?: Progress['policy']['option']
  percent?: number
  arrival?: Progress['arrival']
  hasArrivals?: boolean
  wentForward?: boolean
  hasNotes?: boolean
  /** What the edge has; the policy is at 2. */
  version?: number
}

const facts = (over: Over = {}): Facts => ({
  trace: {
    kind: 'public',
    credentials: [...(over.cookies ?? [])],
    issuer: null,
    lane: over.lane ?? 'anonymous',
    action: 'serve',
    reason: over.reason ?? 'no_session',
    refusal: null,
    migrate: false,
    refreshed: false,
    flow: 'legacy',
    flowReason: 'nobody',
    policyVersion: over.version ?? 2,
    microseconds: 1,
  },
  expiresAt: null,
  hasNotes: over.hasNotes ?? false,
  progress: {
    policy: {
      version: 2,
      option: over.option ?? 'before-the-migration',
      percent: over.percent ?? null,
    },
    arrival: over.arrival ?? null,
    hasArrivals: over.hasArrivals ?? over.arrival !== undefined,
    wentForward: over.wentForward ?? false,
  },
})

const live = { lane: 'legacy', cookies: ['__session', 'auth_flow'] } as const
const crossed = {
  lane: 'stytch',
  cookies: ['__session__0', 'stytch_session', 'stytch_session_jwt', 'auth_flow'],
  arrival: 'carried_over',
} as const
const signedIn = { ...crossed, arrival: 'signed_in' } as const
const notAccepted = { cookies: ['__session'], reason: 'legacy_session_not_accepted' }

/** Each tour, as it goes: how many steps are done when this is so. */
const ways: Record<TourName, [number, string, Over][]> = {
  before: [
    [0, 'another policy', { option: 'rolling' }],
    [0, 'not in force at the edge yet', { version: 1 }],
    [1, 'a fresh demo', {}],
    [2, 'signed in', live],
    [3, 'a note written', { ...live, hasNotes: true }],
    [1, 'on the Stytch lane since an earlier tour', { ...crossed, hasNotes: true }],
  ],
  'zero-downtime': [
    [0, 'nobody signed in', {}],
    [0, 'nobody signed in, and switched already', { option: 'zero-downtime' }],
    [1, 'signed in', live],
    [2, 'switched', { ...live, option: 'zero-downtime' }],
    [3, 'carried over', { ...crossed, option: 'zero-downtime' }],
    [2, 'signed in at Stytch instead', { ...signedIn, option: 'zero-downtime' }],
  ],
  'all-at-once': [
    [0, 'nobody signed in', { option: 'all-at-once' }],
    [1, 'signed in', live],
    [2, 'switched', { ...notAccepted, option: 'all-at-once' }],
    [3, 'signed in at Stytch', { ...signedIn, option: 'all-at-once' }],
    [0, 'carried over before', { ...crossed, option: 'all-at-once' }],
  ],
  rolling: [
    [0, 'nobody signed in', { option: 'rolling', percent: 25 }],
    [1, 'signed in', live],
    [2, 'a quarter', { ...live, option: 'rolling', percent: 25 }],
    [4, 'a quarter, and among it', { ...crossed, option: 'rolling', percent: 25 }],
    [3, 'raised', { ...live, option: 'rolling', percent: 100 }],
    [4, 'carried over', { ...crossed, option: 'rolling', percent: 100 }],
    [5, 'lowered', { ...crossed, option: 'rolling', percent: 0 }],
    [2, 'lowered too early', { ...live, option: 'rolling', percent: 0 }],
  ],
  rollback: [
    [0, 'a fresh demo', {}],
    [0, 'signed in before anything was done', live],
    [1, 'at Stytch', { ...crossed, option: 'zero-downtime', wentForward: true }],
    [2, 'rolled back', { ...crossed, wentForward: true }],
    [2, 'signed out', { wentForward: true, hasArrivals: true }],
    [3, 'signed in again', { ...live, arrival: 'carried_over', wentForward: true }],
    [0, 'rolled back before anybody came', { ...live, wentForward: true }],
  ],
}

describe.each(Object.entries(ways))('the steps of %s', (name, way) => {
  it.each(way)('are done up to %i: %s', (done, _, over) => {
    expect(stepsDone(tours[name as TourName], facts(over))).toBe(done)
  })
})

describe('who is on the Stytch lane already', () => {
  it.each(['before', 'zero-downtime', 'all-at-once', 'rolling'] as const)(
    'is told how to begin %s',
    (name) => expect(isTooFar(tours[name], facts(crossed))).toBe(true),
  )

  it.each([
    ['rollback', { ...crossed, option: 'zero-downtime' }],
    ['zero-downtime', { ...crossed, option: 'zero-downtime' }],
    ['rolling', { ...crossed, option: 'rolling', percent: 100 }],
    ['zero-downtime', live],
  ] as const)('is not told so on the way through %s', (name, over) =>
    expect(isTooFar(tours[name], facts(over))).toBe(false),
  )
})

it('knows a tour by its name, and nothing else', () => {
  expect(isTourName('rolling')).toBe(true)
  for (const other of ['constructor', '', undefined, ['rolling']]) {
    expect(isTourName(other)).toBe(false)
  }
})
