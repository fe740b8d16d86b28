import { Card } from '@/app/_ui/card'
import { type CodeCount, type Section, sections } from '@/lib/cutover/backfill/row-sections'
import type { RunStatus } from '@/lib/cutover/backfill/run-status'
import { pluralize } from '@/lib/cutover/policy/describe'
import { legacyName } from '@/lib/legacy/config'
import { WithCode } from '../with-code'

const titles: Record<Section, string> = {
  failed: 'Failed',
  skipped: 'Not imported',
  waiting: 'To import',
  imported: 'Imported',
  deleted: 'Deleted by undo',
  kept: 'Kept by undo',
  left_out: 'Left out by the plan',
}

/** The users of a run by code, and what to do about each code. */
export function CodesCard({ codes }: Pick<RunStatus, 'codes'>) {
  return (
    <Card title="Users by code">
      <div className="grid gap-7">
        {sections.map(
          (section) =>
            codes[section].length > 0 && (
              <section key={section} aria-label={titles[section]}>
                <h3 className="flex flex-wrap items-baseline justify-between gap-x-4 border-line border-b pb-2 text-base">
                  {titles[section]}
                  <span className="font-normal text-quiet text-sm tabular-nums">
                    {pluralize(
                      codes[section].reduce((sum, { count }) => sum + count, 0),
                      section === 'left_out' ? 'row' : 'user',
                    )}
                  </span>
                </h3>
                <CodeList codes={codes[section]} />
              </section>
            ),
        )}
      </div>
    </Card>
  )
}

/** Codes with their number, meaning and advice. */
export const CodeList = ({ codes }: { codes: CodeCount[] }) => (
  <dl className="divide-y divide-line">
    {codes.map(({ code, count, text: { why, whatToDo } }) => (
      <div
        key={code}
        className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 py-3 last:pb-0 sm:grid-cols-[minmax(0,15rem)_minmax(0,1fr)_auto]"
      >
        <dt className="font-mono text-xs [overflow-wrap:anywhere] sm:pt-0.5">{code}</dt>
        <dd className="text-right font-medium text-sm tabular-nums sm:order-last">
          {count.toLocaleString('en')}
        </dd>
        <dd className="col-span-2 grid max-w-[62ch] gap-0.5 text-sm [overflow-wrap:anywhere] sm:col-span-1">
          <p>
            <WithCode text={sentence(why)} />
          </p>
          {whatToDo && (
            <p className="text-quiet">
              <WithCode text={sentence(whatToDo)} />
            </p>
          )}
        </dd>
      </div>
    ))}
  </dl>
)

/** The tables of the docs begin in lower case, end without a full stop, and name Auth0. */
function sentence(text: string): string {
  if (text === 'nothing') return 'Nothing to do.'
  const named = text.replaceAll('Auth0', legacyName())
  return `${named.charAt(0).toUpperCase()}${named.slice(1)}.`
}
