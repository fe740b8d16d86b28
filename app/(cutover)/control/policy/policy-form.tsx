'use client'

import { type ReactNode, useActionState, useEffect, useRef } from 'react'
import { buttonClass, linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Notice } from '@/app/_ui/notice'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { PreviewFacts } from '@/lib/cutover/policy/preview'
import { changePolicy } from './actions'
import { type DraftField, type DraftProblems, draftFields, fieldLabels } from './draft'
import { PercentField } from './percent-field'
import { CheckField, FieldProblem, fieldId, PolicyField } from './policy-field'
import type { PolicyFormState } from './policy-form-state'

type Props = {
  initial: PolicyFormState
  unavailableRules: PreviewFacts['unavailableRules']
  /** Content before and after the dials. The preview hides it. */
  before: ReactNode
  after: ReactNode
}

/** The policy form with its steps: edit, preview, confirm. It works without JavaScript. */
export function PolicyForm({ initial, unavailableRules, before, after }: Props) {
  const [state, send] = useActionState(changePolicy, initial)
  const result = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // Moves the focus to the result, so that screen readers announce it.
    if (state !== initial) result.current?.focus()
  }, [state, initial])
  const isPreview = state.step === 'preview'
  const isUntouched = state === initial && !isPreview
  return (
    <>
      {isUntouched && before}
      <form action={send} className="grid gap-4">
        <input type="hidden" name="expectedVersion" value={state.version} />
        <div ref={result} tabIndex={-1} className="grid gap-4 outline-none empty:hidden">
          {state.problem && (
            <Notice tone="problem" role="alert" id="policy-problem">
              {state.problem.message}
            </Notice>
          )}
          <ProblemSummary problems={state.problems} />
          {isPreview && <PreviewStep state={state} />}
        </div>
        {!isPreview && (
          <Dials key={JSON.stringify(state)} state={state} unavailableRules={unavailableRules} />
        )}
      </form>
      {!isPreview && after}
    </>
  )
}

function ProblemSummary({ problems }: { problems: DraftProblems }) {
  const invalidFields = draftFields.filter((field) => problems[field])
  if (invalidFields.length === 0) return null
  return (
    <Notice tone="problem" role="alert" title="The policy did not change. Correct these fields:">
      <ul className="mt-1 grid gap-1">
        {invalidFields.map((field) => (
          <li key={field} className="[overflow-wrap:anywhere]">
            <a
              href={`#${fieldId(field)}`}
              className={linkClass}
              onClick={() => document.getElementById(fieldId(field))?.focus()}
            >
              {fieldLabels[field]} {problems[field]}
            </a>
          </li>
        ))}
      </ul>
    </Notice>
  )
}

function PreviewStep({ state }: { state: PolicyFormState }) {
  const { preview, draft, concurrentChange } = state
  if (!preview) return null
  const { isRollback, isChange } = preview
  return (
    <Card
      title={isRollback ? 'Roll back?' : 'Apply this policy?'}
      className="border-ink"
      aside={<span className="text-quiet text-sm">compared with version {state.version}</span>}
    >
      {draftFields.map((field) => (
        <input key={field} type="hidden" name={field} value={draft[field]} />
      ))}
      <div className="grid max-w-[68ch] gap-4">
        {concurrentChange && (
          <Notice
            tone="warn"
            title={`Changed meanwhile: version ${concurrentChange.version}, by ${concurrentChange.author}`}
          >
            <ul className="[overflow-wrap:anywhere]">
              {concurrentChange.lines.length > 0 ? (
                concurrentChange.lines.map((line) => <li key={line}>{line}</li>)
              ) : (
                <li>No dial changed.</li>
              )}
              {concurrentChange.note && <li>Note: {concurrentChange.note}</li>}
            </ul>
            <p className="mt-1">
              Your draft is unchanged. If you apply it, it replaces that version.
            </p>
          </Notice>
        )}
        <p className="font-medium text-lg [overflow-wrap:anywhere]">{preview.sentence}</p>
        <ul className="grid list-disc gap-1.5 pl-5 text-sm [overflow-wrap:anywhere] marker:text-quiet">
          {preview.effects.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
        {preview.warnings.length > 0 && (
          <Notice tone="warn" title="Warnings">
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
            {isRollback ? 'Yes, roll back' : isChange ? 'Apply policy' : 'Apply anyway'}
          </SubmitButton>
          <SubmitButton name="intent" value="edit" kind="secondary">
            Edit draft
          </SubmitButton>
          <a href="/control" className={buttonClass('quiet')}>
            Cancel
          </a>
        </div>
        <p className="text-quiet text-xs">
          The policy is in force everywhere within 5 seconds, as a new version. You can return to
          any earlier version in the history.
        </p>
      </div>
    </Card>
  )
}

function Dials({
  state,
  unavailableRules,
}: Pick<Props, 'unavailableRules'> & { state: PolicyFormState }) {
  const { draft, problems } = state
  return (
    <div className="group grid gap-4">
      <Card title="Dial 1: cohort">
        <RadioGroup
          field="cohort"
          value={draft.cohort}
          problem={problems.cohort}
          choices={[
            ['nobody', 'Nobody', 'Everybody signs in at the legacy provider.'],
            ['everybody', 'Everybody', 'Everybody signs in at Stytch.'],
            ['rules', 'By rules', 'A percentage of visitors, and visitors who match a rule.'],
          ]}
        />
        <div className="mt-6 hidden gap-x-8 gap-y-5 border-line border-t pt-5 group-has-[#policy-cohort-rules:checked]:grid sm:grid-cols-2">
          <PercentField initial={draft.percent} problem={problems.percent} />
          <PolicyField
            field="minAppVersion"
            defaultValue={draft.minAppVersion}
            problem={problems.minAppVersion}
            placeholder="4.2.0"
            optional
            hint="Older mobile apps stay on the legacy lane and skip the rules after this one. Browsers send no app version."
          />
          <PolicyField
            field="organizations"
            rows={3}
            defaultValue={draft.organizations}
            problem={problems.organizations}
            placeholder="acme"
            optional
            hint="Slugs, or ids at Stytch or the legacy provider, separated by new lines or commas. Each counts for the whole team."
          />
          <CheckField
            field="newSignUps"
            isChecked={draft.newSignUps === 'yes'}
            problem={problems.newSignUps}
            text="New sign-ups start at Stytch"
            hint="“Create an account” leads to Stytch. With 0% and no other rule, everybody else stays on legacy."
          />
          <PolicyField
            field="ipRanges"
            rows={3}
            defaultValue={draft.ipRanges}
            problem={problems.ipRanges}
            unavailable={unavailableRules.ipRanges}
            placeholder="203.0.113.0/24"
            optional
            hint="In CIDR form, separated by new lines or commas."
          />
          <PolicyField
            field="countries"
            rows={2}
            defaultValue={draft.countries}
            problem={problems.countries}
            unavailable={unavailableRules.countries}
            placeholder="NZ, AU"
            optional
            hint="Two-letter codes, separated by new lines or commas."
          />
          <p className="max-w-[46ch] self-center text-quiet text-sm">
            The first matching rule decides. Order: device pin, organizations, new sign-ups, app
            version, IP ranges, countries, percentage. New sign-ups, IP ranges and countries do not
            apply to members of an organization.
          </p>
        </div>
      </Card>
      <Card title="Dial 2: live legacy sessions">
        <p className="mb-3 hidden text-quiet text-sm group-has-[#policy-cohort:checked]:block">
          This dial has no effect while nobody is in the cohort. Legacy sessions stay valid.
        </p>
        <div className="group-has-[#policy-cohort:checked]:hidden">
          <RadioGroup
            field="carrySessions"
            value={draft.carrySessions}
            problem={problems.carrySessions}
            choices={[
              ['yes', 'Migrate', 'In the background of the next page view. Users notice nothing.'],
              ['no', 'Sign in again', 'Users in the cohort must sign in again at Stytch.'],
            ]}
          />
          <div className="mt-6 grid gap-3 border-line border-t pt-5">
            <p className="max-w-[68ch] text-quiet text-sm">
              <span className="font-medium text-ink">{fieldLabels.allowMfaDowngrade}.</span> These
              users have a second factor at the legacy provider and none at Stytch. A sign-in at
              Stytch would need only a code from a mail.
            </p>
            <RadioGroup
              field="allowMfaDowngrade"
              value={draft.allowMfaDowngrade}
              problem={problems.allowMfaDowngrade}
              choices={[
                [
                  'no',
                  'Stay on legacy',
                  'Until they have a second factor at Stytch. They sign in at the legacy provider.',
                ],
                ['yes', 'Also migrate', 'Their sign-ins at Stytch ask for one factor only.'],
              ]}
            />
          </div>
        </div>
      </Card>
      <Card>
        <PolicyField
          field="note"
          rows={2}
          defaultValue={draft.note}
          problem={problems.note}
          optional
          hint="Reason for the change, for the history. Do not enter personal data."
        />
        <SubmitButton name="intent" value="preview" className="mt-5">
          Preview change
        </SubmitButton>
        <p className="mt-2 text-quiet text-xs">The preview does not change the policy.</p>
      </Card>
    </div>
  )
}

type RadioGroupProps = {
  field: DraftField
  value: string
  problem?: string
  choices: [value: string, name: string, text: string][]
}

function RadioGroup({ field, value, problem, choices }: RadioGroupProps) {
  return (
    <fieldset
      aria-describedby={problem && `${fieldId(field)}-problem`}
      className="grid gap-2 sm:auto-cols-fr sm:grid-flow-col"
    >
      <legend className="sr-only">{fieldLabels[field]}</legend>
      {choices.map(([choice, name, text], index) => (
        <label
          key={choice}
          className="flex cursor-pointer gap-3 rounded-lg border border-line-strong/60 px-4 py-3 has-checked:border-ink has-checked:bg-sunken has-focus-visible:outline-2 has-focus-visible:outline-focus has-focus-visible:outline-offset-2"
        >
          <input
            type="radio"
            id={index === 0 ? fieldId(field) : `${fieldId(field)}-${choice}`}
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
