import type { Metadata } from 'next'
import { buttonClass, linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Code } from '@/app/_ui/code'
import { EmptyState } from '@/app/_ui/empty-state'
import { Notice } from '@/app/_ui/notice'
import { addressOfPage, type SearchParams } from '@/app/_ui/search-params'
import { cutoverConfig } from '@/lib/cutover/config'
import { pluralize } from '@/lib/cutover/policy/describe'
import type { PolicyInForce } from '@/lib/cutover/policy/document'
import { policyForOperators } from '@/lib/cutover/policy/store'
import {
  type OrganizationsOverview,
  organizationsPerPage,
  readOrganizations,
} from '@/lib/cutover/team/organization-overview'
import { hasTeams } from '@/lib/team/config'
import { isSlug } from '@/lib/team/slug'
import { ControlShell, DatabaseUnavailableNotice } from '../control-shell'
import { authorizeOperatorPage } from '../operator'
import { tryRead } from '../try-read'
import { MoveForm } from './move-form'
import { confirmationOf, type MoveRequest, type MoveState } from './move-state'
import { OrganizationsTable } from './organizations-table'

export const metadata: Metadata = { title: 'Organizations · Control' }

type Props = { searchParams: Promise<SearchParams> }

export default async function OrganizationsPage({ searchParams }: Props) {
  const search = await searchParams
  const isOperator = await authorizeOperatorPage(addressOfPage('/control/organizations', search))
  const data = isOperator && hasTeams() ? await tryRead(() => readPage(search)) : null
  return (
    <ControlShell
      current="organizations"
      title="Organizations"
      lead="Move one team at a time. All members of an organization get the same login, and a move logs nobody out."
    >
      {isOperator && !hasTeams() ? (
        <NoTeams />
      ) : data ? (
        <>
          {data.moved && <MovedNotice {...data.moved} />}
          {data.confirmation && (
            <MoveForm key={JSON.stringify(search)} initial={data.confirmation} />
          )}
          {!data.confirmation && <PolicyNotice policy={data.policy} />}
          <List {...data} />
        </>
      ) : (
        <DatabaseUnavailableNotice />
      )}
    </ControlShell>
  )
}

type PageData = {
  policy: PolicyInForce
  overview: OrganizationsOverview
  page: number
  confirmation: MoveState | null
  moved: { name: string; flow: 'stytch' | 'legacy'; version: number } | null
}

async function readPage(search: SearchParams): Promise<PageData> {
  const policy = await policyForOperators()
  const request = cutoverConfig().ownsPolicy ? moveIn(search) : null
  const page = Number(/^[1-9]\d{0,3}$/.exec(String(search.page))?.[0] ?? 1)
  const [overview, confirmation] = await Promise.all([
    readOrganizations(policy, page),
    request && confirmationOf(request),
  ])
  const organization = overview.organizations.find(({ slug }) => slug === search.moved)
  const isCurrent = search.changed === String(policy.version)
  const moved = organization &&
    isCurrent && {
      name: organization.name,
      flow: organization.cohort.flow,
      version: policy.version,
    }
  return { policy, overview, page, confirmation, moved: moved || null }
}

/** The move that the address asks for. The page then shows its confirmation. */
function moveIn({ move, to }: SearchParams): MoveRequest | null {
  if (typeof move !== 'string' || !isSlug(move)) return null
  return to === 'stytch' || to === 'legacy' ? { slug: move, to } : null
}

const MovedNotice = ({ name, flow, version }: NonNullable<PageData['moved']>) => (
  <Notice tone="success" role="status">
    The members of {name} get the {flow === 'stytch' ? 'Stytch login' : 'login of Auth0'}, by
    version {version} of the policy. All servers apply it within 5 seconds.
  </Notice>
)

/** Says what a move means under a policy without rules. */
function PolicyNotice({ policy }: { policy: PolicyInForce }) {
  const change = (
    <a href="/control/policy" className={linkClass}>
      Change policy
    </a>
  )
  if (!cutoverConfig().ownsPolicy) {
    return (
      <Notice tone="info" title="Read-only: the policy is not stored here">
        This deployment reads its policy from <Code>POLICY_URL</Code>. Move organizations at that
        source, and list every name of each one: its slug, and its ids at Stytch and Auth0.
      </Notice>
    )
  }
  if (policy.cohort === 'nobody') {
    return (
      <Notice tone="info" title="Nobody is in the cohort">
        Moving an organization turns the policy into a rolling one: 0% of visitors, and this
        organization. Nothing changes for anybody else.
      </Notice>
    )
  }
  if (policy.cohort === 'everybody') {
    return (
      <Notice tone="info" title="Everybody is in the cohort">
        No organization can be moved back alone, because a policy cannot say “everybody except one”.
        To do it, set the cohort to rules and list the organizations that stay at Stytch: {change}.
      </Notice>
    )
  }
  return null
}

function List({ policy, overview, page }: PageData) {
  const { organizations, total, answers, hasMore } = overview
  const pages = Math.max(1, Math.ceil(total / organizationsPerPage))
  return (
    <Card title="All organizations" aside={<Count total={total} hasMore={hasMore} />}>
      <div className="grid gap-4">
        <Outages answers={answers} />
        {organizations.length === 0 ? (
          <EmptyState title={total === 0 ? 'No organizations yet' : 'No organizations here'}>
            Organizations of Auth0 and Stytch appear here, and every one that a member opens.
          </EmptyState>
        ) : (
          <OrganizationsTable
            organizations={organizations}
            policy={policy}
            canMove={cutoverConfig().ownsPolicy}
          />
        )}
        {hasMore && (
          <p className="max-w-[68ch] text-quiet text-sm">
            A provider has more organizations than this list. You can move any of them by its slug:
            add it to the organizations of the policy.
          </p>
        )}
        <p className="max-w-[68ch] text-quiet text-xs">
          “Opened here” counts the people who opened the team in this app, at either provider, and
          the imported members. “Carried over” counts those whose legacy session became a Stytch
          session.
        </p>
        {pages > 1 && (
          <nav aria-label="Pages of organizations" className="flex flex-wrap gap-2">
            {page > 1 && (
              <a
                href={`/control/organizations?page=${page - 1}`}
                className={buttonClass('secondary')}
              >
                Previous
              </a>
            )}
            {page < pages && (
              <a
                href={`/control/organizations?page=${page + 1}`}
                className={buttonClass('secondary')}
              >
                Next
              </a>
            )}
          </nav>
        )}
      </div>
    </Card>
  )
}

const Count = ({ total, hasMore }: { total: number; hasMore: boolean }) => (
  <span className="text-quiet text-sm">
    {hasMore && 'over '}
    {pluralize(total, 'organization')}
  </span>
)

/** Names what is missing in the list, and why. */
function Outages({ answers }: { answers: OrganizationsOverview['answers'] }) {
  return (
    <>
      {!answers.stytch && (
        <Notice tone="warn" title="Stytch does not answer">
          The list shows what this app and Auth0 know. Organizations that exist only at Stytch may
          be missing.
        </Notice>
      )}
      {answers.legacy === false && (
        <Notice tone="warn" title="Auth0 does not answer">
          Members are unknown, and organizations that exist only at Auth0 may be missing. A move
          works all the same.
        </Notice>
      )}
      {answers.legacy === null && (
        <Notice tone="info" title="The Management API is not set up">
          Members at Auth0 are unknown. Set <Code>AUTH0_MANAGEMENT_CLIENT_ID</Code> and{' '}
          <Code>AUTH0_MANAGEMENT_CLIENT_SECRET</Code>, with the permissions{' '}
          <Code>read:organizations</Code> and <Code>read:organization_members</Code>.
        </Notice>
      )}
    </>
  )
}

const NoTeams = () => (
  <Card title="This app has no teams">
    <div className="grid max-w-[62ch] gap-3 text-sm">
      <p>
        Teams need a project of the kind B2B at Stytch. Set <Code>STYTCH_B2B_PROJECT_ID</Code>,{' '}
        <Code>STYTCH_B2B_SECRET</Code> and <Code>STYTCH_B2B_PUBLIC_TOKEN</Code>, and restart the
        app.
      </p>
      <p>
        The rule for organizations in{' '}
        <a href="/control/policy" className={linkClass}>
          the policy
        </a>{' '}
        works without teams: it puts users into the cohort whose Auth0 session names the
        organization.
      </p>
    </div>
  </Card>
)
