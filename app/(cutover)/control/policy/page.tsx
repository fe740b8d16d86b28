import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { Badge } from '@/app/_ui/badge'
import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Code } from '@/app/_ui/code'
import { type Option, OptionSketch } from '@/app/_ui/lanes'
import { Notice } from '@/app/_ui/notice'
import type { Search } from '@/app/_ui/search'
import { cutoverConfig } from '@/lib/cutover/config'
import { policyName } from '@/lib/cutover/policy/describe'
import {
  beforeTheMigration,
  type Policy,
  type PolicyInForce,
  presetOf,
  presets,
} from '@/lib/cutover/policy/document'
import { policyAt, policyForOperators } from '@/lib/cutover/policy/store'
import { rulesOff } from '@/lib/cutover/policy/unavailable-rules'
import { devicePin } from '@/lib/cutover/routing/pin-device'
import { requestTime } from '@/lib/request/clock'
import { ControlShell, DatabaseAway } from '../control-shell'
import { operatorIsLooking } from '../operator'
import { InForce } from '../policy-in-force'
import { unlessAway } from '../unless-away'
import { draftOf } from './draft'
import { editing, type PolicyState, previewing } from './look'
import { PinForm } from './pin-form'
import { PolicyForm } from './policy-form'

export const metadata: Metadata = { title: 'Policy · Control' }

type Props = { searchParams: Promise<Search> }

export default async function PolicyPage({ searchParams }: Props) {
  const isOperator = await operatorIsLooking('/control/policy')
  const search = await searchParams
  const now = requestTime(await headers())
  const shown = isOperator ? await unlessAway(() => read(search, now)) : null
  return (
    <ControlShell
      current="policy"
      title="Policy"
      lead="Two dials: who gets the Stytch login, and what becomes of a live legacy session there. Nothing changes before you have seen what it will do, and confirmed it."
    >
      {!shown ? (
        <DatabaseAway />
      ) : !cutoverConfig().ownsPolicy ? (
        <>
          <Notice tone="info" title="Read-only: the policy is kept elsewhere">
            This deployment reads its policy from <Code>POLICY_URL</Code>. Change it there; this
            page shows what is in force here.
          </Notice>
          <InForce policy={shown.policy} />
          <Pin policy={shown.policy} />
        </>
      ) : (
        <>
          {shown.missing && (
            <Notice tone="warn">There is no version {shown.missing} to go back to.</Notice>
          )}
          <PolicyForm
            // Another starting point is another form.
            key={JSON.stringify(search)}
            initial={shown.initial}
            off={rulesOff()}
            before={<StartingPoints policy={shown.policy} />}
            after={<Pin policy={shown.policy} />}
          />
        </>
      )}
    </ControlShell>
  )
}

type Shown = { policy: PolicyInForce; initial: PolicyState; missing: number | null }

async function read({ start, version }: Search, now: Date): Promise<Shown> {
  const policy = await policyForOperators()
  const edit = { policy, initial: editing(draftOf({ ...policy, note: '' }), policy.version) }
  if (!cutoverConfig().ownsPolicy) return { ...edit, missing: null }
  const preview = async (wanted: Policy): Promise<Shown> => ({
    policy,
    initial: await previewing(draftOf(wanted), null, now),
    missing: null,
  })
  if (typeof start === 'string' && Object.hasOwn(presets, start)) {
    return preview(presets[start as keyof typeof presets])
  }
  if (start === 'rolling' && presetOf(policy)) {
    return { policy, initial: editing(draftOf(rolling), policy.version), missing: null }
  }
  if (typeof version === 'string' && /^\d{1,9}$/.test(version)) {
    const found = await policyOf(Number(version))
    if (!found) return { ...edit, missing: Number(version) }
    return preview({ ...found, note: `Back to version ${version}` })
  }
  return { ...edit, missing: null }
}

/** A policy of the history; its first version is the one that nobody put in force. */
async function policyOf(version: number): Promise<Policy | null> {
  const found = await policyAt(version)
  return found?.policy ?? (version === 1 ? beforeTheMigration : null)
}

/** Small enough to look closely, large enough to see something. */
const rolling: Policy = {
  cohort: {
    percent: 10,
    organizations: [],
    countries: [],
    ipRanges: [],
    minAppVersion: null,
  },
  carrySessions: true,
  note: '',
}

const startingPoints: Record<Option, { text: string; action: string }> = {
  'before-the-migration': {
    text: 'Everybody signs in at the legacy provider. This is also the rollback.',
    action: 'Preview',
  },
  'zero-downtime': {
    text: 'Everybody is in the cohort, and live legacy sessions are carried over.',
    action: 'Preview',
  },
  'all-at-once': {
    text: 'Everybody is in the cohort, and signs in again.',
    action: 'Preview',
  },
  rolling: { text: 'A share of the visitors first, then more.', action: 'Set the dials' },
}

const names: Record<Option, string> = {
  'before-the-migration': policyName(presets['before-the-migration']),
  'zero-downtime': policyName(presets['zero-downtime']),
  'all-at-once': policyName(presets['all-at-once']),
  rolling: policyName(rolling),
}

function StartingPoints({ policy }: { policy: PolicyInForce }) {
  const inForce = presetOf(policy) ?? 'rolling'
  return (
    <section aria-labelledby="starting-points">
      <h2 id="starting-points" className="mb-3 text-lg">
        Starting points
      </h2>
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {(Object.keys(startingPoints) as Option[]).map((option) => (
          <li
            key={option}
            className={`flex flex-col rounded-xl border bg-surface p-4 sm:p-5 ${option === inForce ? 'border-ink' : 'border-line'}`}
          >
            <div className="mb-4 max-sm:hidden">
              <OptionSketch option={option} />
            </div>
            <h3 className="text-base">{names[option]}</h3>
            <p className="mt-1 mb-4 text-quiet text-sm">{startingPoints[option].text}</p>
            <div className="mt-auto flex min-h-11 items-center">
              {option === inForce ? (
                <Badge tone="success">In force</Badge>
              ) : (
                <a href={`/control/policy?start=${option}`} className={buttonClass('secondary')}>
                  {startingPoints[option].action}
                  <span className="sr-only">: {names[option]}</span>
                </a>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

async function Pin({ policy }: { policy: PolicyInForce }) {
  const pin = await devicePin()
  const counts = typeof policy.cohort === 'object'
  return (
    <Card title="Pin this device" aside={<Badge>{pin ? `Pinned to ${pin}` : 'Not pinned'}</Badge>}>
      <p className="mb-4 max-w-[62ch] text-quiet text-sm">
        For testing: shows this browser the login of your choice, whatever the percentage says. It
        lasts a year, also when you sign out.{' '}
        {counts
          ? 'Only an organization rule comes before it.'
          : `It does not count now: the policy in force is for ${policy.cohort}, and means it. It will in a rolling policy.`}
      </p>
      <PinForm pin={pin} />
    </Card>
  )
}
