import type { ReactNode } from 'react'
import { Badge } from '@/app/_ui/badge'
import { buttonClass, linkClass } from '@/app/_ui/button'
import { pluralize } from '@/lib/cutover/policy/describe'
import type { PolicyInForce } from '@/lib/cutover/policy/document'
import { placeOf } from '@/lib/cutover/team/organization-list'
import type { OrganizationOverview } from '@/lib/cutover/team/organization-overview'

const head =
  'px-3 py-2 text-left align-bottom font-medium text-quiet whitespace-nowrap first:pl-0 last:pr-0'
/** Below the breakpoint `lg` each row is a list, and `data-label` names each value. */
const cell =
  'max-lg:grid max-lg:grid-cols-[8.5rem_minmax(0,1fr)] max-lg:items-start max-lg:gap-x-3 max-lg:py-0.5 max-lg:before:text-quiet max-lg:before:content-[attr(data-label)] lg:px-3 lg:py-3 lg:align-top lg:last:pr-0'

const columns = ['Organization', 'Exists at', 'Login now', 'Members at Auth0', 'Opened here']

type Props = {
  organizations: OrganizationOverview[]
  policy: PolicyInForce
  /** Whether this deployment stores the policy, and so can change it. */
  canMove: boolean
}

/** The organizations with the login of their members: a table, and on narrow screens a list. */
export function OrganizationsTable({ organizations, policy, canMove }: Props) {
  return (
    <table className="w-full border-collapse text-sm max-lg:block">
      <caption className="sr-only">Organizations and the login of their members</caption>
      <thead className="max-lg:sr-only">
        <tr className="border-line border-b">
          {columns.map((name) => (
            <th key={name} scope="col" className={head}>
              {name}
            </th>
          ))}
          <th scope="col" className={head}>
            Carried over
          </th>
          {canMove && (
            <th scope="col" className={head}>
              <span className="sr-only">Move</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody className="divide-y divide-line max-lg:block">
        {organizations.map((each) => (
          <Row
            key={each.stytchId ?? each.legacyId}
            organization={each}
            policy={policy}
            canMove={canMove}
          />
        ))}
      </tbody>
    </table>
  )
}

function Row({
  organization,
  policy,
  canMove,
}: { organization: OrganizationOverview } & Omit<Props, 'organizations'>) {
  const { slug, name, opened, carriedOver } = organization
  return (
    <tr id={`organization-${slug}`} className="scroll-mt-4 max-lg:block max-lg:py-4">
      <th
        scope="row"
        className="min-w-0 text-left font-normal max-lg:block max-lg:pb-2 lg:py-3 lg:pr-3 lg:align-top"
      >
        <a href={`/team/${slug}`} className={`${linkClass} font-medium [overflow-wrap:anywhere]`}>
          {name}
        </a>
        <span className="block font-mono text-quiet text-xs [overflow-wrap:anywhere]">{slug}</span>
      </th>
      <td data-label="Exists at" className={cell}>
        <Place organization={organization} />
      </td>
      <td data-label="Login now" className={cell}>
        <span className="min-w-0">
          <FlowBadge flow={loginOf(organization)} />
          <span className="mt-1 block text-quiet text-xs">{ruleText(organization, policy)}</span>
        </span>
      </td>
      <td data-label="Members at Auth0" className={cell}>
        <span>{membersText(organization)}</span>
      </td>
      <td data-label="Opened here" className={cell}>
        <span>{pluralize(opened, 'person', 'people')}</span>
      </td>
      <td data-label="Carried over" className={cell}>
        <span>{opened === 0 ? 'none' : `${carriedOver} of ${opened}`}</span>
      </td>
      {canMove && (
        <td className="max-lg:block max-lg:pt-3 lg:py-2 lg:pl-3 lg:text-right lg:align-top">
          <MoveLink organization={organization} />
        </td>
      )}
    </tr>
  )
}

const places = { linked: 'Both, linked', legacy: 'Auth0 only', stytch: 'Stytch only' } as const

function Place({ organization }: { organization: OrganizationOverview }): ReactNode {
  const place = placeOf(organization)
  const isUnknown = place === 'legacy' && !organization.stytchAnswers
  return (
    <span className="min-w-0">
      <Badge tone={organization.hasTwin ? 'warn' : 'neutral'}>
        {isUnknown ? 'Auth0, Stytch unknown' : places[place]}
      </Badge>
      {organization.hasTwin && (
        <span className="mt-1 block text-warn text-xs">
          The other provider has an organization with this slug. They are not linked.
        </span>
      )}
    </span>
  )
}

const FlowBadge = ({ flow }: { flow: 'stytch' | 'legacy' }) => (
  <span
    className={`inline-flex items-center gap-1.5 whitespace-nowrap rounded-full px-2.5 py-0.5 font-medium text-xs ${flow === 'stytch' ? 'bg-stytch-soft text-stytch' : 'bg-legacy-soft text-legacy'}`}
  >
    <span
      aria-hidden="true"
      className={`size-2 shrink-0 ${flow === 'stytch' ? 'rounded-full bg-stytch-line' : 'bg-legacy-line'}`}
    />
    {flow === 'stytch' ? 'Stytch login' : 'Legacy login'}
  </span>
)

/** Whether only one provider has the organization. Then its members sign in there, whatever the policy says. */
function onlyPlace(organization: OrganizationOverview): 'stytch' | 'legacy' | null {
  const place = placeOf(organization)
  return place === 'linked' || (place === 'legacy' && !organization.stytchAnswers) ? null : place
}

const loginOf = (organization: OrganizationOverview): 'stytch' | 'legacy' =>
  onlyPlace(organization) ?? organization.cohort.flow

/** The rule that decides, in words. */
function ruleText(organization: OrganizationOverview, { cohort }: PolicyInForce): string {
  const only = onlyPlace(organization)
  if (only) return `It exists only at ${only === 'stytch' ? 'Stytch' : 'Auth0'}.`
  const {
    cohort: { flow, reason },
    bucket,
  } = organization
  if (reason === 'nobody') return 'Nobody is in the cohort.'
  if (reason === 'everybody') return 'Everybody is in the cohort.'
  if (reason === 'organization') return 'It is in the list.'
  if (reason !== 'percent' || typeof cohort === 'string') return reason
  if (flow === 'stytch') return `It is in the first ${cohort.percent}%.`
  if (cohort.percent === 0) return 'It is not in the list.'
  return `Not in the list. It joins above ${bucket / 100}%.`
}

function membersText({ legacyId, legacyMembers }: OrganizationOverview): string {
  if (legacyId === null) return 'none'
  if (!legacyMembers) return 'unknown'
  const { count, hasMore } = legacyMembers
  return hasMore ? `over ${count}` : count.toLocaleString('en')
}

function MoveLink({ organization }: { organization: OrganizationOverview }) {
  const { slug, name, cohort } = organization
  if (cohort.reason === 'everybody' || placeOf(organization) === 'stytch') return null
  const isBack = cohort.flow === 'stytch'
  const to = isBack ? 'legacy' : 'stytch'
  return (
    <a
      href={`/control/organizations?move=${encodeURIComponent(slug)}&to=${to}`}
      className={buttonClass('secondary', 'whitespace-nowrap')}
    >
      {isBack ? 'Move back…' : 'Move to Stytch…'}
      <span className="sr-only"> {name}</span>
    </a>
  )
}
