import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { Badge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import { Code } from '@/app/_ui/code'
import { SuccessIcon, WarnIcon } from '@/app/_ui/icons'
import { Notice } from '@/app/_ui/notice'
import { addressOfPage, type SearchParams } from '@/app/_ui/search-params'
import { Tabs } from '@/app/_ui/tabs'
import { Timestamp } from '@/app/_ui/timestamp'
import { type SwitchOffCheck, switchOffCheck, switchOffDays } from '@/lib/cutover/switch-off/check'
import type { SwitchOffCode, SwitchOffLine } from '@/lib/cutover/switch-off/checklist'
import { requestTime } from '@/lib/request/clock'
import { ControlShell, DatabaseUnavailableNotice } from '../control-shell'
import { authorizeOperatorPage } from '../operator'
import { tryRead } from '../try-read'
import { WithCode } from '../with-code'

export const metadata: Metadata = { title: 'Switch off · Control' }

type Props = { searchParams: Promise<SearchParams> }

const dayChoices = [7, switchOffDays.default, 90]

export default async function SwitchOffPage({ searchParams }: Props) {
  const search = await searchParams
  const isOperator = await authorizeOperatorPage(addressOfPage('/control/switch-off', search))
  const { days: requested } = search
  const days = dayChoices.find((each) => String(each) === requested) ?? switchOffDays.default
  const now = requestTime(await headers())
  const check = isOperator ? await tryRead(() => switchOffCheck(days, now)) : null
  return (
    <ControlShell
      current="switch-off"
      title="Switch off the legacy provider"
      lead="You cannot undo this last step: without the legacy provider there is no rollback. Switch it off when every check below has passed."
    >
      {check ? (
        <>
          <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
            <p className="text-quiet text-sm">Checks cover the last {days} days.</p>
            <div className="w-full sm:w-72">
              <Tabs
                label="Time range of the checks"
                tabs={dayChoices.map((each) => ({
                  label: `${each} days`,
                  href: `/control/switch-off?days=${each}`,
                  isCurrent: each === days,
                }))}
              />
            </div>
          </div>
          <Summary check={check} />
          <Card title="Checks">
            <ul className="divide-y divide-line">
              {check.lines.map((line) => (
                <Check key={line.code} line={line} />
              ))}
            </ul>
          </Card>
        </>
      ) : (
        <DatabaseUnavailableNotice />
      )}
      <Card title="The last step">
        <p className="max-w-[62ch] text-sm">
          Delete the migration code: <Code>docs/after-the-migration/README.md</Code> lists the
          steps. <Code>npm test</Code> performs them on a copy of the app. Users keep their
          accounts.
        </p>
      </Card>
    </ControlShell>
  )
}

function Summary({ check: { ok, lines } }: { check: SwitchOffCheck }) {
  const open = lines.filter((line) => !line.ok).length
  return ok ? (
    <Notice tone="success" title="Safe to switch off: all checks passed">
      According to the data of this app, no user needs the legacy provider any more.
    </Notice>
  ) : (
    <Notice
      tone="warn"
      title={`Not safe yet: ${open} of ${lines.length} checks ${open === 1 ? 'has' : 'have'} not passed`}
    >
      Keep the legacy provider running. Each open check says what to do.
    </Notice>
  )
}

const checkNames: Record<SwitchOffCode, string> = {
  legacy_sessions: 'No legacy sessions',
  accounts_not_at_stytch: 'All accounts at Stytch',
  reconciliation: 'Same users at both providers',
  mirror_waiting: 'No waiting mirror jobs',
  mirror_dead: 'No dead mirror jobs',
  last_rollback: 'No recent rollback',
  policy_everybody: 'Everybody in the cohort',
}

const figureNames: Record<string, string> = {
  days: 'Time range (days)',
  recordedDays: 'Recorded days',
  sessions: 'Legacy sessions',
  lastSeen: 'Last seen',
  recordedSince: 'Recorded since',
  total: 'Accounts',
  notAtStytch: 'Not at Stytch',
  compared: 'Compared',
  users: 'Users in the file',
  differences: 'Differences',
  leftOut: 'Left out by the plan',
  notCompared: 'Lines not compared',
  on: 'Mirror',
  waiting: 'Waiting jobs',
  dead: 'Dead jobs',
  at: 'Last rollback',
  author: 'Author',
  version: 'Version',
  since: 'Since',
}

function Check({ line: { code, ok, figures, text } }: { line: SwitchOffLine }) {
  const Icon = ok ? SuccessIcon : WarnIcon
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 py-4 first:pt-0 last:pb-0">
      <Icon className={`mt-0.5 size-5 ${ok ? 'text-success' : 'text-warn'}`} />
      <div className="min-w-0">
        <h3 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-base">
          {checkNames[code]}
          <Badge tone={ok ? 'success' : 'warn'}>{ok ? 'Passed' : 'Not passed'}</Badge>
        </h3>
        <p className="mt-1 max-w-[68ch] text-sm [overflow-wrap:anywhere]">
          <WithCode text={text} />
        </p>
        <dl className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-quiet text-xs">
          {Object.entries(figures).map(([name, value]) => (
            <div key={name} className="flex gap-1.5">
              <dt>{figureNames[name] ?? name}:</dt>
              <dd className="font-medium text-ink [overflow-wrap:anywhere]">
                <Value name={name} value={value} />
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </li>
  )
}

function Value({ name, value }: { name: string; value: SwitchOffLine['figures'][string] }) {
  if (value === null) return 'never'
  if (value instanceof Date) return <Timestamp at={value} />
  if (name === 'on') return value ? 'on' : 'off'
  return typeof value === 'number' ? value.toLocaleString('en') : value
}
