import type { Metadata } from 'next'
import { Badge } from '@/app/_ui/badge'
import { buttonClass } from '@/app/_ui/button'
import { Code } from '@/app/_ui/code'
import { Notice } from '@/app/_ui/notice'
import { addressOfPage, type SearchParams } from '@/app/_ui/search-params'
import { Timestamp } from '@/app/_ui/timestamp'
import { cutoverConfig } from '@/lib/cutover/config'
import {
  type OrganizationNames,
  policyDifference,
  policyName,
  policySentence,
} from '@/lib/cutover/policy/describe'
import { beforeTheMigration, type Policy } from '@/lib/cutover/policy/document'
import { organizationNames } from '@/lib/cutover/policy/organization-names'
import { type PolicyVersion, policyHistory } from '@/lib/cutover/policy/store'
import { ControlShell, DatabaseUnavailableNotice } from '../control-shell'
import { authorizeOperatorPage } from '../operator'
import { tryRead } from '../try-read'

export const metadata: Metadata = { title: 'History · Control' }

type Props = { searchParams: Promise<SearchParams> }

const pageSize = 20

export default async function HistoryPage({ searchParams }: Props) {
  const search = await searchParams
  const isOperator = await authorizeOperatorPage(addressOfPage('/control/history', search))
  const { before } = search
  const olderThan =
    typeof before === 'string' && /^[1-9]\d{0,8}$/.test(before) ? Number(before) : undefined
  const isElsewhere = !cutoverConfig().ownsPolicy
  const shown = isOperator && !isElsewhere ? await tryRead(() => readPage(olderThan)) : null
  return (
    <ControlShell
      current="history"
      title="History"
      lead="Every policy that was in force, newest first. The history is append-only: returning to an earlier version creates a new version."
    >
      {isElsewhere ? (
        <Notice tone="info" title="The history is not stored here">
          This deployment reads its policy from <Code>POLICY_URL</Code>. Find the history at that
          source.
        </Notice>
      ) : shown ? (
        <Versions {...shown} isFirstPage={olderThan === undefined} />
      ) : (
        <DatabaseUnavailableNotice />
      )}
    </ControlShell>
  )
}

type HistoryPageData = {
  versions: PolicyVersion[]
  older: PolicyVersion | null
  names: OrganizationNames
}

/** Reads one page of versions, and the next older version to compare the last one with. */
async function readPage(olderThan: number | undefined): Promise<HistoryPageData> {
  const versions = await policyHistory(pageSize + 1, olderThan)
  const names = await organizationNames(versions.map(({ policy }) => policy))
  return { versions: versions.slice(0, pageSize), older: versions[pageSize] ?? null, names }
}

function Versions({
  versions,
  older,
  names,
  isFirstPage,
}: HistoryPageData & { isFirstPage: boolean }) {
  const last = versions.at(-1)
  return (
    <>
      <ol className="grid gap-3">
        {versions.map((version, index) => (
          <Version
            key={version.version}
            {...version}
            previous={(versions[index + 1] ?? older)?.policy ?? beforeTheMigration}
            isInForce={isFirstPage && index === 0}
            names={names}
          />
        ))}
        {!older && (
          <Version
            version={1}
            policy={beforeTheMigration}
            author={null}
            at={null}
            previous={null}
            isInForce={isFirstPage && versions.length === 0}
            names={names}
          />
        )}
      </ol>
      {(!isFirstPage || older) && (
        <nav aria-label="History pages" className="flex flex-wrap gap-2">
          {!isFirstPage && (
            <a href="/control/history" className={buttonClass('secondary')}>
              Newest
            </a>
          )}
          {older && last && (
            <a
              href={`/control/history?before=${last.version}`}
              className={buttonClass('secondary')}
            >
              Older
            </a>
          )}
        </nav>
      )}
    </>
  )
}

type VersionProps = {
  version: number
  policy: Policy
  /** Null for version 1: the app starts with it, so it has no author. */
  author: string | null
  at: Date | null
  previous: Policy | null
  isInForce: boolean
  names: OrganizationNames
}

function Version({ version, policy, author, at, previous, isInForce, names }: VersionProps) {
  const difference = previous && policyDifference(previous, policy, names)
  return (
    <li
      id={`version-${version}`}
      className={`grid scroll-mt-4 gap-x-8 gap-y-3 rounded-xl border bg-surface p-5 target:border-focus sm:grid-cols-[minmax(0,1fr)_auto] sm:p-6 ${isInForce ? 'border-ink' : 'border-line'}`}
    >
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <h2 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-base">
          Version {version}: {policyName(policy)}
          {isInForce && <Badge tone="success">In force</Badge>}
        </h2>
        <p className="mt-1 text-sm">{policySentence(policy, names)}</p>
        {difference && (
          <ul
            aria-label={`Changes in version ${version}`}
            className="mt-3 grid gap-0.5 border-line border-l-2 pl-3 text-sm"
          >
            {difference.length > 0 ? (
              difference.map((line) => <li key={line}>{line}</li>)
            ) : (
              <li>No dial changed.</li>
            )}
          </ul>
        )}
        <p className="mt-3 text-quiet text-sm">
          {at && author ? (
            <>
              <Timestamp at={at} />, by {author}.
            </>
          ) : (
            'The app started with this policy.'
          )}
          {policy.note && <> Note: {policy.note}</>}
        </p>
      </div>
      {!isInForce && (
        <a
          href={`/control/policy?version=${version}`}
          className={buttonClass('secondary', 'self-start')}
        >
          Restore…<span className="sr-only"> version {version}</span>
        </a>
      )}
    </li>
  )
}
