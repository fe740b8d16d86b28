import type { ReactNode } from 'react'
import { Card } from '@/app/_ui/card'
import { Code } from '@/app/_ui/code'
import { Notice } from '@/app/_ui/notice'
import { Timestamp } from '@/app/_ui/timestamp'
import { duration } from '@/lib/cutover/backfill/plan/report'
import { percentOf } from '@/lib/cutover/backfill/progress'
import type { RunStatus } from '@/lib/cutover/backfill/run-status'
import { pluralize } from '@/lib/cutover/policy/describe'
import { Figure, Figures } from '../figure'
import { CommandLine } from './command-line'
import { PauseForm } from './pause-form'
import { RunBadge } from './run-badge'

const number = (value: number): string => value.toLocaleString('en')
/** One decimal below ten, because a slow import would look as if it stood still. */
const rate = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 })

/** How far a run is, and what the operator can do with it. */
export function RunCard({ run }: { run: RunStatus }) {
  const { state } = run
  const isUnderWay = state === 'running' || state === 'idle' || state === 'paused'
  return (
    <Card title="Import" aside={<RunBadge state={state} />}>
      <p className="text-quiet text-sm">
        Run <Code>{run.id}</Code>
      </p>
      {state === 'undone' ? <UndoFigures codes={run.codes} /> : <ImportFigures run={run} />}
      <Times run={run} />
      <Advice run={run} />
      <PauseForm
        key={run.id}
        runId={run.id}
        intent={isUnderWay ? (state === 'paused' ? 'resume' : 'pause') : null}
      />
    </Card>
  )
}

function ImportFigures({ run }: { run: RunStatus }) {
  const { progress } = run
  const isMoving = run.state === 'running'
  return (
    <>
      <ProgressBar {...progress} isMoving={isMoving} />
      <Figures>
        <Figure name="Users per second">{isMoving ? rate(run.usersPerSecond) : '0'}</Figure>
        <Figure name="Calls per second, estimated">
          {isMoving ? rate(run.callsPerSecond) : '0'}{' '}
          <span className="font-normal text-quiet text-sm">of {run.rate}</span>
        </Figure>
        <Figure name="Time left at this rate">
          {progress.done === progress.total ? 'none' : duration(run.secondsLeft)}
        </Figure>
        <Figure name="Users in hand">{number(run.inHand)}</Figure>
      </Figures>
    </>
  )
}

/** The result of the undo. */
function UndoFigures({ codes }: Pick<RunStatus, 'codes'>) {
  const sum = (list: { count: number }[]) => list.reduce((total, { count }) => total + count, 0)
  return (
    <div className="mt-4">
      <Figures>
        <Figure name="Users deleted">{number(sum(codes.deleted))}</Figure>
        <Figure name="Users kept">{number(sum(codes.kept))}</Figure>
      </Figures>
    </div>
  )
}

function ProgressBar({ done, total, isMoving }: RunStatus['progress'] & { isMoving: boolean }) {
  const percent = percentOf(done, total) ?? 0
  const text = `${percent} %, ${number(done)} of ${pluralize(total, 'user')}`
  return (
    <div className="mt-4 mb-6">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <span className="font-semibold text-3xl tabular-nums">{percent} %</span>
        <span className="text-quiet text-sm tabular-nums">
          {number(done)} of {pluralize(total, 'user')}
        </span>
      </div>
      <div
        role="progressbar"
        aria-label="Progress of the import"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={text}
        className="mt-2 h-2.5 overflow-hidden rounded-full border border-line bg-sunken"
      >
        <div
          className={`h-full rounded-full transition-[width] duration-500 motion-reduce:transition-none ${isMoving || done === total ? 'bg-stytch-line' : 'bg-line-strong'}`}
          style={{ width: `${total === 0 ? 0 : (100 * done) / total}%` }}
        />
      </div>
    </div>
  )
}

/** When the run was planned, began, was paused and ended. */
function Times({ run: { plannedAt, startedAt, pausedAt, endedAt, state } }: { run: RunStatus }) {
  const times: [string, Date | null][] = [
    ['Planned', plannedAt],
    ['Started', startedAt],
    ['Paused', pausedAt],
    [state === 'undone' ? 'Undone' : 'Ended', endedAt],
  ]
  return (
    <dl className="mt-5 flex flex-wrap gap-x-5 gap-y-1 border-line border-t pt-4 text-quiet text-xs">
      {times.map(
        ([name, at]) =>
          at && (
            <div key={name} className="flex gap-1.5">
              <dt>{name}:</dt>
              <dd className="text-ink">
                <Timestamp at={at} />
              </dd>
            </div>
          ),
      )}
    </dl>
  )
}

/** What to do next, with the command for it. */
function Advice({ run: { id, state, inHand, codes } }: { run: RunStatus }) {
  const importCommand = `npm run backfill -- import --run ${id}`
  switch (state) {
    case 'planned':
      return (
        <Next text="The plan is ready. Nothing has been written at Stytch. Start the import:">
          <CommandLine command={importCommand} />
        </Next>
      )
    case 'idle':
      return (
        <div className="mt-5 grid gap-3">
          <Notice tone="warn" title="No process at work">
            Users wait, and no process works on them. Run the import again. It resumes where it
            stopped.
          </Notice>
          <CommandLine command={importCommand} />
        </div>
      )
    case 'paused':
      return (
        <Next
          text={
            inHand > 0
              ? `Processes finish the ${pluralize(inHand, 'user')} that they have begun, and then wait.`
              : 'No process calls Stytch for this run. Processes that wait go on by themselves after you resume it. If you have stopped them, run the import again then:'
          }
        >
          {inHand === 0 && <CommandLine command={importCommand} />}
        </Next>
      )
    case 'done':
      return (
        <Next
          text={
            codes.failed.length > 0
              ? 'The import has ended, and some users failed. The table below says what to do. Then compare both sides:'
              : 'Every planned user is settled. Compare both sides, as often as you like:'
          }
        >
          <CommandLine command={`npm run backfill -- reconcile --run ${id}`} />
        </Next>
      )
    case 'undone':
      return (
        <Next text="The run was undone. Users that somebody has used stayed at Stytch. Plan the files again to import them anew." />
      )
    case 'running':
      return null
  }
}

const Next = ({ text, children }: { text: string; children?: ReactNode }) => (
  <div className="mt-5 grid gap-2.5">
    <p className="max-w-[68ch] text-sm">{text}</p>
    {children}
  </div>
)
