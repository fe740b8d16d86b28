import 'server-only'
import { policySentence } from '@/lib/cutover/policy/describe'
import type { Flow } from '@/lib/cutover/policy/document'
import { organizationNames } from '@/lib/cutover/policy/organization-names'
import { readPolicy } from '@/lib/cutover/policy/store'
import { type Move, planMove } from '@/lib/cutover/team/organization-move'
import {
  type OrganizationOverview,
  readOrganization,
} from '@/lib/cutover/team/organization-overview'

/** State of the confirmation of a move. */
export type MoveState = {
  slug: string
  name: string
  to: Flow
  /** Version of the policy that the operator is looking at: a confirmation names it. */
  version: number
  /** The new policy in one sentence, and what happens to whom. Null if the move is not possible. */
  confirmation: { sentence: string; effects: string[]; warnings: string[] } | null
  /** Why the move is not possible. */
  reason: string | null
  note: string
  problem: { code: string; message: string } | null
}

/** What the operator asked for. */
export type MoveRequest = { slug: string; to: Flow }

type Plan = { organization: OrganizationOverview; version: number; move: Move }

/**
 * Plans a move by the policy in force.
 * @returns null if nobody knows the organization
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function planned({ slug, to }: MoveRequest): Promise<Plan | null> {
  const policy = await readPolicy()
  const organization = await readOrganization(policy, slug)
  if (!organization) return null
  const { version, ...document } = policy
  return { organization, version, move: planMove(document, organization, to) }
}

/** The confirmation of a move. @throws {DatabaseUnavailable} and driver errors */
export async function confirmationOf(request: MoveRequest): Promise<MoveState | null> {
  const plan = await planned(request)
  if (!plan) return null
  const { version, move } = plan
  const { name } = plan.organization
  const state = { ...request, name, version, note: '', problem: null }
  if (!move.isPossible) return { ...state, confirmation: null, reason: move.reason }
  const { policy, effects, warnings } = move
  const names = new Map([...(await organizationNames([policy])), [request.slug, name]])
  const sentence = policySentence(policy, names)
  return { ...state, confirmation: { sentence, effects, warnings }, reason: null }
}
