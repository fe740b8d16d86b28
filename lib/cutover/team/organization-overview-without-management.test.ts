import { afterAll, beforeAll, expect, it } from 'vitest'
import { organizations } from '../../../sandbox/settings.ts'
import { presets } from '../policy/document'
import { planMove } from './organization-move'
import { readOrganization, readOrganizations } from './organization-overview'
import { type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests({
    AUTH0_MANAGEMENT_CLIENT_ID: '',
    AUTH0_MANAGEMENT_CLIENT_SECRET: '',
  })
})
afterAll(() => fixture.stop())

const nobody = { ...presets['before-the-migration'], version: 1 }

it('without the Management API, organizations are those of Stytch, with unknown members, and can be moved', async () => {
  const { organizations: rows, answers } = await readOrganizations(nobody)
  expect(answers).toEqual({ stytch: true, legacy: null })
  expect(rows.map(({ slug, legacyMembers }) => [slug, legacyMembers])).toEqual([
    ['acme', null],
    ['globex', null],
    ['initech', { count: 0, hasMore: false }],
  ])
  const acme = await readOrganization(nobody, 'acme')
  if (!acme) throw new Error('no organization')
  expect(acme.legacyId).toBe(organizations.acme.auth0Id)
  const move = planMove(nobody, acme, 'stytch')
  expect(move.isPossible && move.effects.join(' ')).toContain(
    'members at the legacy provider is unknown',
  )
})

it('finds no organization by a slug that nobody knows', async () => {
  expect(await readOrganization(nobody, 'umbrella')).toBeNull()
})
