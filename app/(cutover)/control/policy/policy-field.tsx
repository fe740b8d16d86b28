import type { ComponentProps, ReactNode } from 'react'
import { inputClass } from '@/app/_ui/field'
import { WarnIcon } from '@/app/_ui/icons'
import { type DraftField, fieldLabels } from './draft'

export const fieldId = (field: DraftField): string => `policy-${field}`

type Props = {
  field: DraftField
  defaultValue: string
  /** The error, as the end of a sentence that starts with the label. */
  problem?: string
  hint: ReactNode
  /** Why this rule has no effect in this deployment. */
  unavailable?: string
  /** Renders a textarea with this many rows. */
  rows?: number
  /** Content beside the input. */
  beside?: ReactNode
  optional?: boolean
} & Pick<ComponentProps<'input'>, 'inputMode' | 'placeholder' | 'onInput' | 'className'>

/** A text field of the policy form, with its error and hint. */
export function PolicyField({
  field,
  problem,
  hint,
  unavailable,
  rows,
  beside,
  optional,
  className = '',
  ...input
}: Props) {
  const id = fieldId(field)
  const shared = {
    id,
    name: field,
    className: `${inputClass} ${className}`,
    'aria-invalid': problem ? true : undefined,
    'aria-describedby': [
      problem && `${id}-problem`,
      unavailable && `${id}-unavailable`,
      `${id}-hint`,
    ]
      .filter(Boolean)
      .join(' '),
    autoComplete: 'off',
    spellCheck: false,
  }
  return (
    <div className="grid min-w-0 content-start gap-1.5">
      <label htmlFor={id} className="font-medium text-sm">
        {fieldLabels[field]}
        {optional && <span className="font-normal text-quiet"> (optional)</span>}
      </label>
      <div className="flex items-center gap-4">
        {rows ? (
          <textarea
            {...shared}
            rows={rows}
            defaultValue={input.defaultValue}
            placeholder={input.placeholder}
          />
        ) : (
          <input type="text" {...shared} {...input} />
        )}
        {beside}
      </div>
      {problem && <FieldProblem field={field} problem={problem} />}
      {unavailable && (
        <p id={`${id}-unavailable`} className="flex gap-1.5 text-warn text-xs">
          <WarnIcon className="mt-0.5 size-4 shrink-0" />
          {unavailable}
        </p>
      )}
      <p id={`${id}-hint`} className="text-quiet text-xs">
        {hint}
      </p>
    </div>
  )
}

type CheckFieldProps = {
  field: DraftField
  isChecked: boolean
  problem?: string
  text: string
  hint: string
}

/** A checkbox of the policy form. The draft has `yes` for it, or an empty string. */
export function CheckField({ field, isChecked, problem, text, hint }: CheckFieldProps) {
  const id = fieldId(field)
  return (
    <div className="grid min-w-0 content-start gap-1.5">
      <span className="font-medium text-sm">{fieldLabels[field]}</span>
      <label className="flex min-h-11 items-center gap-3 text-sm">
        <input
          type="checkbox"
          id={id}
          name={field}
          value="yes"
          defaultChecked={isChecked}
          aria-describedby={`${id}-hint`}
          className="size-4.5 shrink-0 accent-ink"
        />
        {text}
      </label>
      {problem && <FieldProblem field={field} problem={problem} />}
      <p id={`${id}-hint`} className="text-quiet text-xs">
        {hint}
      </p>
    </div>
  )
}

export const FieldProblem = ({ field, problem }: { field: DraftField; problem: string }) => (
  <p
    id={`${fieldId(field)}-problem`}
    className="font-medium text-problem text-sm [overflow-wrap:anywhere]"
  >
    {fieldLabels[field]} {problem}.
  </p>
)
