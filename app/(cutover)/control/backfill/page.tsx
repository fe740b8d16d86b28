import type { Metadata } from 'next'
import { linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Code } from '@/app/_ui/code'
import { addressOfPage, type SearchParams } from '@/app/_ui/search-params'
import { Timestamp } from '@/app/_ui/timestamp'
import {
  currentRun,
  listRuns,
  type Run,
  type RunStatus,
  readRunStatus,
} from '@/lib/cutover/backfill/run-status'
import { type LegacyConfig, legacyConfig } from '@/lib/legacy/config'
import { ControlShell, DatabaseUnavailableNotice } from '../control-shell'
import { authorizeOperatorPage } from '../operator'
import { tryRead } from '../try-read'
import { CodesCard } from './codes-card'
import { CommandLine } from './command-line'
import { ReconciliationCard } from './reconciliation-card'
import { RunBadge } from './run-badge'
import { RunCard } from './run-card'

export const metadata: Metadata = { title: 'Backfill · Control' }

type Props = { searchParams: Promise<SearchParams> }

export default async function BackfillPage({ searchParams }: Props) {
  const search = await searchParams
  const isOperator = await authorizeOperatorPage(addressOfPage('/control/backfill', search))
  const data = isOperator ? await tryRead(() => readPage(search.run)) : null
  return (
    <ControlShell
      current="backfill"
      title="Backfill"
      // Counting a million rows takes about a second.
      refreshSeconds={(data?.run?.progress.total ?? 0) > 100_000 ? 15 : 3}
      lead="The backfill imports the users of the legacy provider into Stytch, with their passwords. Nobody notices: each user signs in as before."
    >
      {!data ? (
        <DatabaseUnavailableNotice />
      ) : data.run ? (
        <>
          <RunCard run={data.run} />
          <CodesCard codes={data.run.codes} />
          {data.run.state !== 'undone' && (
            <ReconciliationCard reconciliation={data.run.reconciliation} runId={data.run.id} />
          )}
          {data.runs.length > 1 && <RunsCard runs={data.runs} shown={data.run} />}
        </>
      ) : (
        <NoRuns />
      )}
    </ControlShell>
  )
}

/** @param asked the id of a run in the address */
async function readPage(
  asked: SearchParams[string],
): Promise<{ runs: Run[]; run: RunStatus | null }> {
  const runs = await listRuns()
  const shown = runs.find(({ id }) => id === asked) ?? currentRun(runs)
  return { runs, run: shown ? await readRunStatus(shown.id) : null }
}

function RunsCard({ runs, shown }: { runs: Run[]; shown: RunStatus }) {
  return (
    <Card title="Runs">
      <ul className="divide-y divide-line">
        {runs.map((run) => {
          const isShown = run.id === shown.id
          return (
            <li
              key={run.id}
              className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1.5 py-3 text-sm first:pt-0 last:pb-0"
            >
              <a
                href={`/control/backfill?run=${encodeURIComponent(run.id)}`}
                aria-current={isShown ? 'true' : undefined}
                className={`${linkClass} font-mono text-xs [overflow-wrap:anywhere]`}
              >
                {run.id}
              </a>
              <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-quiet text-xs">
                {isShown && 'Shown above'}
                <span>
                  Planned <Timestamp at={run.plannedAt} />
                </span>
                <RunBadge state={isShown ? shown.state : run.state} />
              </span>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}

const plan = 'npm run backfill -- plan --users USERS_FILE --hashes HASHES_FILE'

/** Only Auth0 has an export job. */
const filesOf = (provider: LegacyConfig['provider'], name: string): [string, string | null][] =>
  provider === 'auth0'
    ? [[`Download the users from ${name}.`, 'npm run backfill -- export']]
    : [[`Write the users and the password hashes of ${name} to two CSV files.`, null]]

/** What an operator does, and the command for it. */
const steps = (legacy: LegacyConfig): [text: string, command: string | null][] => [
  ...filesOf(legacy.provider, legacy.name),
  ['Plan. It calls no provider, and says what happens to each user.', plan],
  ['Import. The plan prints the id of the run.', 'npm run backfill -- import --run ID'],
  ['Compare both sides.', 'npm run backfill -- reconcile --run ID'],
]

function NoRuns() {
  const legacy = legacyConfig()
  return (
    <Card title="No run yet">
      <div className="grid gap-4 text-sm">
        <p className="max-w-[62ch]">
          Without a backfill, a user reaches Stytch when their session is carried over. The backfill
          imports everybody else too. Each plan of your files is a run, which appears here with its
          progress. You can pause and resume it.
        </p>
        <ol className="grid list-decimal gap-4 pl-5 marker:text-quiet">
          {steps(legacy).map(([text, command]) => (
            <li key={text} className="pl-1">
              <div className="grid gap-2">
                <p>{text}</p>
                {command && <CommandLine command={command} />}
              </div>
            </li>
          ))}
        </ol>
        <p className="max-w-[62ch] text-quiet">
          {legacy.provider === 'auth0' && `Password hashes come from ${legacy.name}'s support. `}
          <Code>docs/backfill.md</Code> describes every step, code and file format.
        </p>
      </div>
    </Card>
  )
}
