import { describe, expect, it } from 'vitest'
import type { TourState } from './tour-state'
import { isBlocked, isTourName, stepsDone, type TourName, tours } from './tours'

type Progress = TourState['progress']
type Overrides = {
  lane?: TourState['trace']['lane']
  cookies?: readonly string[]
  reason?: string
  option?: Progress['policy']['option']
  percent?: number
  arrival?: Progress['arrival']
  hasArrivals?: boolean
  wentForward?: boolean
  hasNotes?: boolean
  /** The policy version at the edge. The database has version 2. */
  version?: number
  team?: Partial<NonNullable<TourState['team']>>
}

const stateWith = (over: Overrides = {}): TourState => ({
  trace: {
    kind: 'public',
    team: null,
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
  team: over.team
    ? {
        lane: 'legacy',
        slug: 'acme',
        flow: 'legacy',
        flowReason: 'nobody',
        isCarriedOver: false,
        ...over.team,
      }
    : null,
})

const onLegacy = { lane: 'legacy', cookies: ['__session', 'auth_flow'] } as const
const migrated = {
  lane: 'stytch',
  cookies: ['__session__0', 'stytch_session', 'stytch_session_jwt', 'auth_flow'],
  arrival: 'carried_over',
} as const
const signedInAtStytch = { ...migrated, arrival: 'signed_in' } as const
const carriedMember = { lane: 'stytch', isCarriedOver: true } as const
const notAccepted = { cookies: ['__session'], reason: 'legacy_session_not_accepted' }

/** For each tour and state: how many steps are done. */
const states: Record<TourName, [number, string, Overrides][]> = {
  before: [
    [0, 'another policy', { option: 'rolling' }],
    [0, 'a policy that is not yet in force at the edge', { version: 1 }],
    [1, 'a fresh demo', {}],
    [2, 'signed in', onLegacy],
    [3, 'a note written', { ...onLegacy, hasNotes: true }],
    [1, 'on the Stytch lane after an earlier tour', { ...migrated, hasNotes: true }],
  ],
  'zero-downtime': [
    [0, 'nobody signed in', {}],
    [0, 'nobody signed in, policy already switched', { option: 'zero-downtime' }],
    [1, 'signed in', onLegacy],
    [2, 'switched', { ...onLegacy, option: 'zero-downtime' }],
    [3, 'migrated', { ...migrated, option: 'zero-downtime' }],
    [2, 'signed in at Stytch instead', { ...signedInAtStytch, option: 'zero-downtime' }],
  ],
  'all-at-once': [
    [0, 'nobody signed in', { option: 'all-at-once' }],
    [1, 'signed in', onLegacy],
    [2, 'switched', { ...notAccepted, option: 'all-at-once' }],
    [3, 'signed in at Stytch', { ...signedInAtStytch, option: 'all-at-once' }],
    [0, 'migrated before', { ...migrated, option: 'all-at-once' }],
  ],
  rolling: [
    [0, 'nobody signed in', { option: 'rolling', percent: 25 }],
    [1, 'signed in', onLegacy],
    [2, '25%', { ...onLegacy, option: 'rolling', percent: 25 }],
    [4, '25%, and in the cohort', { ...migrated, option: 'rolling', percent: 25 }],
    [3, 'raised', { ...onLegacy, option: 'rolling', percent: 100 }],
    [4, 'migrated', { ...migrated, option: 'rolling', percent: 100 }],
    [5, 'lowered', { ...migrated, option: 'rolling', percent: 0 }],
    [2, 'lowered too early', { ...onLegacy, option: 'rolling', percent: 0 }],
  ],
  teams: [
    [0, 'signed in as a consumer only', { ...migrated, option: 'rolling', percent: 0 }],
    [1, 'signed in to a team', { team: {} }],
    [1, 'another team was moved', { team: { flowReason: 'percent' }, option: 'rolling' }],
    [2, 'the team was moved', { team: { flowReason: 'organization', flow: 'stytch' } }],
    [3, 'carried over', { team: { ...carriedMember, flowReason: 'organization' } }],
    [4, 'moved back', { team: { ...carriedMember, flowReason: 'percent' } }],
    [0, 'signed in at Stytch instead', { team: { ...carriedMember, isCarriedOver: false } }],
  ],
  rollback: [
    [0, 'a fresh demo', {}],
    [0, 'signed in before the first step', onLegacy],
    [1, 'on the Stytch lane', { ...migrated, option: 'zero-downtime', wentForward: true }],
    [2, 'rolled back', { ...migrated, wentForward: true }],
    [2, 'signed out', { wentForward: true, hasArrivals: true }],
    [3, 'signed in again', { ...onLegacy, arrival: 'carried_over', wentForward: true }],
    [0, 'rolled back before any migration', { ...onLegacy, wentForward: true }],
  ],
}

describe.each(Object.entries(states))('the steps of %s', (name, rows) => {
  it.each(rows)('are done up to %i: %s', (done, _, over) => {
    expect(stepsDone(tours[name as TourName], stateWith(over))).toBe(done)
  })
})

describe('a visitor who is already on the Stytch lane', () => {
  it.each(['before', 'zero-downtime', 'all-at-once', 'rolling'] as const)(
    'is blocked in %s before the switch',
    (name) => expect(isBlocked(tours[name], stateWith(migrated))).toBe(true),
  )

  it.each([
    ['rollback', { ...migrated, option: 'zero-downtime' }],
    ['zero-downtime', { ...migrated, option: 'zero-downtime' }],
    ['rolling', { ...migrated, option: 'rolling', percent: 100 }],
    ['zero-downtime', onLegacy],
    ['teams', migrated],
  ] as const)('is not blocked in the middle of %s', (name, over) =>
    expect(isBlocked(tours[name], stateWith(over))).toBe(false),
  )
})

it('accepts only names of tours', () => {
  expect(isTourName('rolling')).toBe(true)
  for (const other of ['constructor', '', undefined, ['rolling']]) {
    expect(isTourName(other)).toBe(false)
  }
})
