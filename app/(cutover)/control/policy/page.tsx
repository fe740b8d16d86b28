import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { Badge } from '@/app/_ui/badge'
import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Code } from '@/app/_ui/code'
import { type Option, OptionSketch } from '@/app/_ui/lanes'
import { Notice } from '@/app/_ui/notice'
import { addressOfPage, type SearchParams } from '@/app/_ui/search-params'
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
import { unavailableRules } from '@/lib/cutover/policy/unavailable-rules'
import { devicePin } from '@/lib/cutover/routing/pin-device'
import { requestTime } from '@/lib/request/clock'
import { ControlShell, DatabaseUnavailableNotice } from '../control-shell'
import { authorizeOperatorPage } from '../operator'
import { PolicyCard } from '../policy-card'
import { tryRead } from '../try-read'
import { draftOf } from './draft'
import { PinForm } from './pin-form'
import { PolicyForm } from './policy-form'
import { editState, type PolicyFormState, previewState } from './policy-form-state'

export const metadata: Metadata = { title: 'Policy · Control' }

type Props = { searchParams: Promise<SearchParams> }

export default async function PolicyPage({ searchParams }: Props) {
  const search = await searchParams
  const isOperator = await authorizeOperatorPage(addressOfPage('/control/policy', search))
  const now = requestTime(await headers())
  const data = isOperator ? await tryRead(() => readPage(search, now)) : null
  return (
    <ControlShell
      current="policy"
      title="Policy"
      lead="The first dial sets who gets the Stytch login. The second sets whether live legacy sessions are migrated. You preview and confirm each change before it takes effect."
    >
      {!data ? (
        <DatabaseUnavailableNotice />
      ) : !cutoverConfig().ownsPolicy ? (
        <>
          <Notice tone="info" title="Read-only: the policy is not stored here">
            This deployment reads its policy from <Code>POLICY_URL</Code>. Change it at that source.
            This page shows the policy in force here.
          </Notice>
          <PolicyCard policy={data.policy} />
          <PinCard policy={data.policy} />
        </>
      ) : (
        <>
          {data.missingVersion && (
            <Notice tone="warn">Version {data.missingVersion} does not exist.</Notice>
          )}
          <PolicyForm
            // Resets the form when the user chooses another preset.
            key={JSON.stringify(search)}
            initial={data.initial}
            unavailableRules={unavailableRules()}
            before={<PresetList policy={data.policy} />}
            after={<PinCard policy={data.policy} />}
          />
        </>
      )}
    </ControlShell>
  )
}

type PageData = { policy: PolicyInForce; initial: PolicyFormState; missingVersion: number | null }

async function readPage({ start, version }: SearchParams, now: Date): Promise<PageData> {
  const policy = await policyForOperators()
  const edit = { policy, initial: editState(draftOf({ ...policy, note: '' }), policy.version) }
  if (!cutoverConfig().ownsPolicy) return { ...edit, missingVersion: null }
  const preview = async (next: Policy): Promise<PageData> => ({
    policy,
    initial: await previewState(draftOf(next), null, now),
    missingVersion: null,
  })
  if (typeof start === 'string' && Object.hasOwn(presets, start)) {
    return preview(presets[start as keyof typeof presets])
  }
  if (start === 'rolling' && presetOf(policy)) {
    return { policy, initial: editState(draftOf(rolling), policy.version), missingVersion: null }
  }
  if (typeof version === 'string' && /^\d{1,9}$/.test(version)) {
    const found = await findVersion(Number(version))
    if (!found) return { ...edit, missingVersion: Number(version) }
    return preview({ ...found, note: `Back to version ${version}` })
  }
  return { ...edit, missingVersion: null }
}

/** Reads a version of the history. Version 1 is not in the database, because the app starts with it. */
async function findVersion(version: number): Promise<Policy | null> {
  const found = await policyAt(version)
  return found?.policy ?? (version === 1 ? beforeTheMigration : null)
}

/** Preset of a rolling policy. */
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

const presetTexts: Record<Option, { text: string; action: string }> = {
  'before-the-migration': {
    text: 'Everybody signs in at the legacy provider. Choose this to roll back.',
    action: 'Preview',
  },
  'zero-downtime': {
    text: 'Everybody is in the cohort. Live legacy sessions are migrated.',
    action: 'Preview',
  },
  'all-at-once': {
    text: 'Everybody is in the cohort. Users sign in again.',
    action: 'Preview',
  },
  rolling: { text: 'Some visitors first, then more.', action: 'Set dials' },
}

const names: Record<Option, string> = {
  'before-the-migration': policyName(presets['before-the-migration']),
  'zero-downtime': policyName(presets['zero-downtime']),
  'all-at-once': policyName(presets['all-at-once']),
  rolling: policyName(rolling),
}

function PresetList({ policy }: { policy: PolicyInForce }) {
  const inForce = presetOf(policy) ?? 'rolling'
  return (
    <section aria-labelledby="presets">
      <h2 id="presets" className="mb-3 text-lg">
        Presets
      </h2>
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {(Object.keys(presetTexts) as Option[]).map((option) => (
          <li
            key={option}
            className={`flex flex-col rounded-xl border bg-surface p-4 sm:p-5 ${option === inForce ? 'border-ink' : 'border-line'}`}
          >
            <div className="mb-4 max-sm:hidden">
              <OptionSketch option={option} />
            </div>
            <h3 className="text-base">{names[option]}</h3>
            <p className="mt-1 mb-4 text-quiet text-sm">{presetTexts[option].text}</p>
            <div className="mt-auto flex min-h-11 items-center">
              {option === inForce ? (
                <Badge tone="success">In force</Badge>
              ) : (
                <a href={`/control/policy?start=${option}`} className={buttonClass('secondary')}>
                  {presetTexts[option].action}
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

async function PinCard({ policy }: { policy: PolicyInForce }) {
  const pin = await devicePin()
  const hasEffect = typeof policy.cohort === 'object'
  return (
    <Card title="Device pin" aside={<Badge>{pin ? `Pinned to ${pin}` : 'Not pinned'}</Badge>}>
      <p className="mb-4 max-w-[62ch] text-quiet text-sm">
        For testing: the pin selects the login of this browser, whatever the percentage. It lasts
        one year and survives a sign-out.{' '}
        {hasEffect
          ? 'No other rule overrides it.'
          : `It has no effect now, because the policy in force applies to ${policy.cohort}. It has an effect in a rolling policy.`}
      </p>
      <PinForm pin={pin} />
    </Card>
  )
}
