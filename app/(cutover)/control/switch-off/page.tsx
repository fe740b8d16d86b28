import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { Badge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import { Code } from '@/app/_ui/code'
import { SuccessIcon, WarnIcon } from '@/app/_ui/icons'
import { Moment } from '@/app/_ui/moment'
import { Notice } from '@/app/_ui/notice'
import { addressOfPage, type Search } from '@/app/_ui/search'
import { Tabs } from '@/app/_ui/tabs'
import { type SwitchOffCheck, switchOffCheck, switchOffDays } from '@/lib/cutover/switch-off/check'
import type { SwitchOffCode, SwitchOffLine } from '@/lib/cutover/switch-off/checklist'
import { requestTime } from '@/lib/request/clock'
import { ControlShell, DatabaseAway } from '../control-shell'
import { operatorIsLooking } from '../operator'
import { unlessAway } from '../unless-away'

export const metadata: Metadata = { title: 'Switch off · Control' }

type Props = { searchParams: Promise<Search> }

const choices = [7, switchOffDays.default, 90]

export default async function SwitchOffPage({ searchParams }: Props) {
  const search = await searchParams
  const isOperator = await operatorIsLooking(addressOfPage('/control/switch-off', search))
  const { days: wanted } = search
  const days = choices.find((each) => String(each) === wanted) ?? switchOffDays.default
  const now = requestTime(await headers())
  const check = isOperator ? await unlessAway(() => switchOffCheck(days, now)) : null
  return (
    <ControlShell
      current="switch-off"
      title="Safe to switch legacy off?"
      lead="The last step cannot be rolled back: without the legacy provider there is nowhere to go back to. Take it when every line below is settled."
    >
      {check ? (
        <>
          <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
            <p className="text-quiet text-sm">Looking back over the last {days} days.</p>
            <div className="w-full sm:w-72">
              <Tabs
                label="How far to look back"
                tabs={choices.map((each) => ({
                  label: `${each} days`,
                  href: `/control/switch-off?days=${each}`,
                  isCurrent: each === days,
                }))}
              />
            </div>
          </div>
          <Answer check={check} />
          <Card title="Check list">
            <ul className="divide-y divide-line">
              {check.lines.map((line) => (
                <Line key={line.code} line={line} />
              ))}
            </ul>
          </Card>
        </>
      ) : (
        <DatabaseAway />
      )}
      <Card title="The last step">
        <p className="max-w-[62ch] text-sm">
          The migration is made to be deleted: some folders go, and two files take the place of two
          others. <Code>docs/after-the-migration/README.md</Code> has all of it, and{' '}
          <Code>npm test</Code> does it to a copy each time. Everybody keeps their account.
        </p>
      </Card>
    </ControlShell>
  )
}

function Answer({ check: { ok, lines } }: { check: SwitchOffCheck }) {
  const open = lines.filter((line) => !line.ok).length
  return ok ? (
    <Notice tone="success" title="Yes: every line is settled">
      As far as this app can see, nobody needs the legacy provider any more.
    </Notice>
  ) : (
    <Notice
      tone="warn"
      title={`Not yet: ${open} of ${lines.length} lines ${open === 1 ? 'is' : 'are'} open`}
    >
      Leave the legacy provider as it is. Each open line says what to do about it.
    </Notice>
  )
}

const questions: Record<SwitchOffCode, string> = {
  legacy_sessions: 'Does nobody come with a legacy session any more?',
  accounts_not_at_stytch: 'Is everybody at Stytch?',
  mirror_waiting: 'Does no job of the mirror wait?',
  mirror_dead: 'Did the mirror give nothing up?',
  last_rollback: 'Is the last rollback long ago?',
  policy_everybody: 'Has everybody been in the cohort for long enough?',
}

const names: Record<string, string> = {
  days: 'Days looked back',
  watchedDays: 'Days on record',
  sessions: 'Legacy sessions seen',
  lastSeen: 'Last seen',
  watchedSince: 'On record since',
  total: 'Accounts',
  notAtStytch: 'Not at Stytch',
  on: 'Mirror',
  waiting: 'Waiting',
  dead: 'Given up',
  at: 'When',
  author: 'By',
  version: 'Version',
  since: 'Since',
}

function Line({ line: { code, ok, figures, text } }: { line: SwitchOffLine }) {
  const Icon = ok ? SuccessIcon : WarnIcon
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 py-4 first:pt-0 last:pb-0">
      <Icon className={`mt-0.5 size-5 ${ok ? 'text-success' : 'text-warn'}`} />
      <div className="min-w-0">
        <h3 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-base">
          {questions[code]}
          <Badge tone={ok ? 'success' : 'warn'}>{ok ? 'Yes' : 'Not yet'}</Badge>
        </h3>
        <p className="mt-1 max-w-[68ch] text-sm">{text}</p>
        <dl className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-quiet text-xs">
          {Object.entries(figures).map(([name, value]) => (
            <div key={name} className="flex gap-1.5">
              <dt>{names[name] ?? name}:</dt>
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
  if (value instanceof Date) return <Moment at={value} />
  if (name === 'on') return value ? 'on' : 'off'
  return typeof value === 'number' ? value.toLocaleString('en') : value
}
