'use client'

import { type ReactNode, useActionState, useEffect, useRef } from 'react'
import { buttonClass, linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Notice } from '@/app/_ui/notice'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { PreviewFacts } from '@/lib/cutover/policy/preview'
import { changePolicy } from './actions'
import { DialField, dialId, FieldProblem } from './dial-field'
import { type DraftField, type DraftProblems, draftFields, labels } from './draft'
import type { PolicyState } from './look'
import { PercentDial } from './percent-dial'

type Props = {
  initial: PolicyState
  off: PreviewFacts['off']
  /** Stand before and after the dials, and make room for the preview. */
  before: ReactNode
  after: ReactNode
}

/** The dials, then what they will do, then they are in force. Three answers of one form, with or without script. */
export function PolicyForm({ initial, off, before, after }: Props) {
  const [state, send] = useActionState(changePolicy, initial)
  const answer = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // Whoever does not see it must be taken to what the answer is.
    if (state !== initial) answer.current?.focus()
  }, [state, initial])
  const isPreview = state.step === 'preview'
  const isUntouched = state === initial && !isPreview
  return (
    <>
      {isUntouched && before}
      <form action={send} className="grid gap-4">
        <input type="hidden" name="expectedVersion" value={state.version} />
        <div ref={answer} tabIndex={-1} className="grid gap-4 outline-none empty:hidden">
          {state.problem && (
            <Notice tone="problem" role="alert" id="policy-problem">
              {state.problem.message}
            </Notice>
          )}
          <ProblemSummary problems={state.problems} />
          {isPreview && <PreviewStep state={state} />}
        </div>
        {!isPreview && <Dials key={JSON.stringify(state)} state={state} off={off} />}
      </form>
      {!isPreview && after}
    </>
  )
}

function ProblemSummary({ problems }: { problems: DraftProblems }) {
  const wrong = draftFields.filter((field) => problems[field])
  if (wrong.length === 0) return null
  return (
    <Notice tone="problem" role="alert" title="Nothing was changed. Put these right:">
      <ul className="mt-1 grid gap-1">
        {wrong.map((field) => (
          <li key={field} className="[overflow-wrap:anywhere]">
            <a
              href={`#${dialId(field)}`}
              className={linkClass}
              onClick={() => document.getElementById(dialId(field))?.focus()}
            >
              {labels[field]} {problems[field]}
            </a>
          </li>
        ))}
      </ul>
    </Notice>
  )
}

function PreviewStep({ state }: { state: PolicyState }) {
  const { preview, draft, meanwhile } = state
  if (!preview) return null
  const { isRollback, isChange } = preview
  return (
    <Card
      title={isRollback ? 'Roll back?' : 'Put this policy in force?'}
      className="border-ink"
      aside={<span className="text-quiet text-sm">against version {state.version}</span>}
    >
      {draftFields.map((field) => (
        <input key={field} type="hidden" name={field} value={draft[field]} />
      ))}
      <div className="grid max-w-[68ch] gap-4">
        {meanwhile && (
          <Notice
            tone="warn"
            title={`Meanwhile: version ${meanwhile.version}, by ${meanwhile.author}`}
          >
            <ul className="[overflow-wrap:anywhere]">
              {meanwhile.lines.length > 0 ? (
                meanwhile.lines.map((line) => <li key={line}>{line}</li>)
              ) : (
                <li>No dial stands differently.</li>
              )}
              {meanwhile.note && <li>Note: {meanwhile.note}</li>}
            </ul>
            <p className="mt-1">Your draft is kept. Confirming it replaces that version.</p>
          </Notice>
        )}
        <p className="font-medium text-lg [overflow-wrap:anywhere]">{preview.sentence}</p>
        <ul className="grid list-disc gap-1.5 pl-5 text-sm [overflow-wrap:anywhere] marker:text-quiet">
          {preview.effects.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
        {preview.warnings.length > 0 && (
          <Notice tone="warn" title="Mind this">
            <ul className="grid gap-1 [overflow-wrap:anywhere]">
              {preview.warnings.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </Notice>
        )}
        {draft.note && (
          <p className="text-quiet text-sm [overflow-wrap:anywhere]">Note: {draft.note}</p>
        )}
        <div className="mt-1 flex flex-wrap gap-2">
          <SubmitButton name="intent" value="confirm">
            {isRollback
              ? 'Yes, roll back'
              : isChange
                ? 'Put in force'
                : 'Put in force all the same'}
          </SubmitButton>
          <SubmitButton name="intent" value="edit" kind="secondary">
            Change it
          </SubmitButton>
          <a href="/control" className={buttonClass('quiet')}>
            Cancel
          </a>
        </div>
        <p className="text-quiet text-xs">
          In force everywhere within five seconds, as a new version. No version is ever lost: there
          is always a way back.
        </p>
      </div>
    </Card>
  )
}

function Dials({ state, off }: { state: PolicyState; off: PreviewFacts['off'] }) {
  const { draft, problems } = state
  return (
    <div className="group grid gap-4">
      <Card title="Dial 1: who is in the cohort">
        <Choices
          field="cohort"
          value={draft.cohort}
          problem={problems.cohort}
          choices={[
            ['nobody', 'Nobody', 'Everybody signs in at the legacy provider.'],
            ['everybody', 'Everybody', 'Everybody signs in at Stytch.'],
            ['rules', 'By rules', 'A share of the visitors, and whom the rules name.'],
          ]}
        />
        <div className="mt-6 hidden gap-x-8 gap-y-5 border-line border-t pt-5 group-has-[#dial-cohort-rules:checked]:grid sm:grid-cols-2">
          <PercentDial initial={draft.percent} problem={problems.percent} />
          <DialField
            field="minAppVersion"
            defaultValue={draft.minAppVersion}
            problem={problems.minAppVersion}
            placeholder="4.2.0"
            optional
            hint="Older mobile apps stay on legacy, whatever the rules after it say. Browsers tell no version."
          />
          <DialField
            field="organizations"
            rows={3}
            defaultValue={draft.organizations}
            problem={problems.organizations}
            placeholder="acme"
            optional
            hint="As the tokens of the legacy provider name them, one a line or comma separated."
          />
          <DialField
            field="ipRanges"
            rows={3}
            defaultValue={draft.ipRanges}
            problem={problems.ipRanges}
            off={off.ipRanges}
            placeholder="203.0.113.0/24"
            optional
            hint="In CIDR form, one a line or comma separated."
          />
          <DialField
            field="countries"
            rows={2}
            defaultValue={draft.countries}
            problem={problems.countries}
            off={off.countries}
            placeholder="NZ, AU"
            optional
            hint="Two letters each, one a line or comma separated."
          />
          <p className="max-w-[46ch] self-center text-quiet text-sm">
            The first rule that speaks decides: organizations, then a pinned device, the app
            version, IP ranges, countries, and the percentage last. Members of an organization stay
            together, wherever they are.
          </p>
        </div>
      </Card>
      <Card title="Dial 2: live legacy sessions">
        <p className="mb-3 hidden text-quiet text-sm group-has-[#dial-cohort:checked]:block">
          Does not apply while nobody is in the cohort: legacy sessions stay.
        </p>
        <div className="group-has-[#dial-cohort:checked]:hidden">
          <Choices
            field="carrySessions"
            value={draft.carrySessions}
            problem={problems.carrySessions}
            choices={[
              ['yes', 'Carry them over', 'Behind the next page view. Nobody is asked anything.'],
              ['no', 'Sign in again', 'Whoever is in the cohort is led to the Stytch login.'],
            ]}
          />
        </div>
      </Card>
      <Card>
        <DialField
          field="note"
          rows={2}
          defaultValue={draft.note}
          problem={problems.note}
          optional
          hint="For the history: why this, and why now. Without personal data."
        />
        <SubmitButton name="intent" value="preview" className="mt-5">
          Preview the change
        </SubmitButton>
        <p className="mt-2 text-quiet text-xs">Changes nothing yet.</p>
      </Card>
    </div>
  )
}

type ChoicesProps = {
  field: DraftField
  value: string
  problem?: string
  choices: [value: string, name: string, text: string][]
}

function Choices({ field, value, problem, choices }: ChoicesProps) {
  return (
    <fieldset
      aria-describedby={problem && `${dialId(field)}-problem`}
      className="grid gap-2 sm:auto-cols-fr sm:grid-flow-col"
    >
      <legend className="sr-only">{labels[field]}</legend>
      {choices.map(([choice, name, text], index) => (
        <label
          key={choice}
          className="flex cursor-pointer gap-3 rounded-lg border border-line-strong/60 px-4 py-3 has-checked:border-ink has-checked:bg-sunken has-focus-visible:outline-2 has-focus-visible:outline-focus has-focus-visible:outline-offset-2"
        >
          <input
            type="radio"
            id={index === 0 ? dialId(field) : `${dialId(field)}-${choice}`}
            name={field}
            value={choice}
            defaultChecked={choice === value}
            className="mt-0.5 size-4.5 shrink-0 accent-ink outline-none"
          />
          <span className="min-w-0">
            <span className="block font-medium text-sm">{name}</span>
            <span className="block text-quiet text-sm">{text}</span>
          </span>
        </label>
      ))}
      {problem && <FieldProblem field={field} problem={problem} />}
    </fieldset>
  )
}
