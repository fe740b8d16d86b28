import type { Metadata } from 'next'
import { Badge } from '@/app/_ui/badge'
import { buttonClass } from '@/app/_ui/button'
import { Code } from '@/app/_ui/code'
import { Moment } from '@/app/_ui/moment'
import { Notice } from '@/app/_ui/notice'
import type { Search } from '@/app/_ui/search'
import { cutoverConfig } from '@/lib/cutover/config'
import { policyDifference, policyName, policySentence } from '@/lib/cutover/policy/describe'
import { beforeTheMigration, type Policy } from '@/lib/cutover/policy/document'
import { type PolicyVersion, policyHistory } from '@/lib/cutover/policy/store'
import { ControlShell, DatabaseAway } from '../control-shell'
import { operatorIsLooking } from '../operator'
import { unlessAway } from '../unless-away'

export const metadata: Metadata = { title: 'History · Control' }

type Props = { searchParams: Promise<Search> }

const pageSize = 20

export default async function HistoryPage({ searchParams }: Props) {
  const isOperator = await operatorIsLooking('/control/history')
  const { before } = await searchParams
  const olderThan =
    typeof before === 'string' && /^[1-9]\d{0,8}$/.test(before) ? Number(before) : undefined
  const isElsewhere = !cutoverConfig().ownsPolicy
  const shown = isOperator && !isElsewhere ? await unlessAway(() => read(olderThan)) : null
  return (
    <ControlShell
      current="history"
      title="History"
      lead="Every policy that was ever in force, the newest first. Nothing is ever taken out: going back to a version puts it in force again as a new one."
    >
      {isElsewhere ? (
        <Notice tone="info" title="The history is kept elsewhere">
          This deployment reads its policy from <Code>POLICY_URL</Code>: look there.
        </Notice>
      ) : shown ? (
        <Versions {...shown} isFirstPage={olderThan === undefined} />
      ) : (
        <DatabaseAway />
      )}
    </ControlShell>
  )
}

type Shown = { versions: PolicyVersion[]; older: PolicyVersion | null }

/** A page of versions, and the one before it, to compare the last with. */
async function read(olderThan: number | undefined): Promise<Shown> {
  const found = await policyHistory(pageSize + 1, olderThan)
  return { versions: found.slice(0, pageSize), older: found[pageSize] ?? null }
}

function Versions({ versions, older, isFirstPage }: Shown & { isFirstPage: boolean }) {
  const last = versions.at(-1)
  return (
    <>
      <ol className="grid gap-3">
        {versions.map((version, index) => (
          <Version
            key={version.version}
            {...version}
            before={(versions[index + 1] ?? older)?.policy ?? beforeTheMigration}
            isInForce={isFirstPage && index === 0}
          />
        ))}
        {!older && (
          <Version
            version={1}
            policy={beforeTheMigration}
            author={null}
            at={null}
            before={null}
            isInForce={isFirstPage && versions.length === 0}
          />
        )}
      </ol>
      {(!isFirstPage || older) && (
        <nav aria-label="Pages of the history" className="flex flex-wrap gap-2">
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
  /** Null for the first, which nobody put in force. */
  author: string | null
  at: Date | null
  before: Policy | null
  isInForce: boolean
}

function Version({ version, policy, author, at, before, isInForce }: VersionProps) {
  const difference = before && policyDifference(before, policy)
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
        <p className="mt-1 text-sm">{policySentence(policy)}</p>
        {difference && (
          <ul
            aria-label={`What version ${version} changed`}
            className="mt-3 grid gap-0.5 border-line border-l-2 pl-3 text-sm"
          >
            {difference.length > 0 ? (
              difference.map((line) => <li key={line}>{line}</li>)
            ) : (
              <li>No dial stands differently from the version before.</li>
            )}
          </ul>
        )}
        <p className="mt-3 text-quiet text-sm">
          {at && author ? (
            <>
              <Moment at={at} />, by {author}.
            </>
          ) : (
            'Where everything began; nobody put it in force.'
          )}
          {policy.note && <> Note: {policy.note}</>}
        </p>
      </div>
      {!isInForce && (
        <a
          href={`/control/policy?version=${version}`}
          className={buttonClass('secondary', 'self-start')}
        >
          Go back to this…
          <span className="sr-only"> Version {version}</span>
        </a>
      )}
    </li>
  )
}
