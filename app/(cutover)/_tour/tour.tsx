import { Badge } from '@/app/_ui/badge'
import { SuccessIcon } from '@/app/_ui/icons'
import { Notice } from '@/app/_ui/notice'
import { Tabs } from '@/app/_ui/tabs'
import { hasTeams } from '@/lib/cutover/member-migration'
import { LegacyName } from '../_login/legacy-name'
import { CurrentState } from './current-state'
import type { Step, Tour } from './step'
import { readTourState } from './tour-state'
import { isBlocked, stepsDone, type TourName, tours } from './tours'

type Mark = 'done' | 'next' | null

/**
 * The steps of one tour.
 * @param showState whether to show the current state, and mark the steps that are done
 */
export async function GuidedTour({ name, showState }: { name: TourName; showState: boolean }) {
  const tour = tours[name]
  const state = showState ? await readTourState() : null
  const done = state ? stepsDone(tour, state) : 0
  const markOf = (index: number): Mark =>
    !state || index > done ? null : index < done ? 'done' : 'next'
  return (
    <>
      <Tabs
        label="Tours"
        tabs={shownTours().map(([key, each]) => ({
          label: each.name,
          href: `/?tour=${key}#tour`,
          isCurrent: key === name,
        }))}
      />
      <div className={`mt-6 grid gap-x-8 gap-y-6 ${showState ? 'lg:grid-cols-[3fr_2fr]' : ''}`}>
        <div className="min-w-0">
          <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
            <h3 className="text-xl">{tour.title}</h3>
            {state && (
              <p role="status" className="text-quiet text-sm">
                {done === tour.steps.length
                  ? 'All steps done'
                  : `${done} of ${tour.steps.length} done`}
              </p>
            )}
          </div>
          {state && isBlocked(tour, state) && <BlockedNotice />}
          <ol className="mt-5">
            {tour.steps.map((step, index) => (
              <TourStep key={step.title} step={step} number={index + 1} mark={markOf(index)} />
            ))}
          </ol>
          <Result tour={tour} />
        </div>
        {showState && <CurrentState state={state} />}
      </div>
    </>
  )
}

/** Without teams, their tour would lead to pages that do not exist. */
const shownTours = (): [string, Tour][] =>
  Object.entries(tours).filter(([name]) => name !== 'teams' || hasTeams())

function TourStep({ step, number, mark }: { step: Step; number: number; mark: Mark }) {
  return (
    <li className="group grid grid-cols-[1.75rem_minmax(0,1fr)] gap-x-4">
      <div aria-hidden="true" className="grid grid-rows-[auto_1fr] justify-items-center">
        {mark === 'done' ? (
          <SuccessIcon className="size-7 text-success" />
        ) : (
          <span
            className={`grid size-7 place-items-center rounded-full border font-mono text-xs ${mark === 'next' ? 'border-ink bg-ink text-on-ink' : 'border-line-strong text-quiet'}`}
          >
            {number}
          </span>
        )}
        <span className="my-1 w-px bg-line group-last:hidden" />
      </div>
      <div className="pb-6 group-last:pb-0">
        <div className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1">
          <h4 className="font-semibold text-base">{step.title}</h4>
          {mark === 'done' && <Badge tone="success">Done</Badge>}
          {mark === 'next' && <Badge>Next</Badge>}
        </div>
        <p className="mt-1 max-w-[62ch] text-quiet text-sm">{step.text}</p>
      </div>
    </li>
  )
}

const Result = ({ tour }: { tour: Tour }) => (
  <p className="mt-6 max-w-[66ch] border-line border-t pt-4 text-sm">
    <strong className="font-semibold">Result: </strong>
    {tour.result}
  </p>
)

const BlockedNotice = () => (
  <div className="mt-4 max-w-[66ch]">
    <Notice tone="info" title="You are already on the Stytch lane">
      A policy change never ends a valid Stytch session. To start this tour again, roll back in
      Control, sign out, and sign in at <LegacyName />.
    </Notice>
  </div>
)
