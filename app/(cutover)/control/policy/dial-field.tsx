import type { ComponentProps, ReactNode } from 'react'
import { inputClass } from '@/app/_ui/field'
import { WarnIcon } from '@/app/_ui/icons'
import { type DraftField, labels } from './draft'

export const dialId = (field: DraftField): string => `dial-${field}`

type Props = {
  field: DraftField
  defaultValue: string
  /** What is wrong with it, as the rest of a sentence. */
  problem?: string
  hint: ReactNode
  /** Why this rule has no effect here. */
  off?: string
  /** More than one line. */
  rows?: number
  /** Stands beside the input. */
  beside?: ReactNode
  optional?: boolean
} & Pick<ComponentProps<'input'>, 'inputMode' | 'placeholder' | 'onInput' | 'className'>

/** One dial that is typed, with what is wrong with it right below. */
export function DialField({
  field,
  problem,
  hint,
  off,
  rows,
  beside,
  optional,
  className = '',
  ...input
}: Props) {
  const id = dialId(field)
  const shared = {
    id,
    name: field,
    className: `${inputClass} ${className}`,
    'aria-invalid': problem ? true : undefined,
    'aria-describedby': [problem && `${id}-problem`, off && `${id}-off`, `${id}-hint`]
      .filter(Boolean)
      .join(' '),
    autoComplete: 'off',
    spellCheck: false,
  }
  return (
    <div className="grid min-w-0 content-start gap-1.5">
      <label htmlFor={id} className="font-medium text-sm">
        {labels[field]}
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
      {off && (
        <p id={`${id}-off`} className="flex gap-1.5 text-warn text-xs">
          <WarnIcon className="mt-0.5 size-4 shrink-0" />
          {off}
        </p>
      )}
      <p id={`${id}-hint`} className="text-quiet text-xs">
        {hint}
      </p>
    </div>
  )
}

export const FieldProblem = ({ field, problem }: { field: DraftField; problem: string }) => (
  <p
    id={`${dialId(field)}-problem`}
    className="font-medium text-problem text-sm [overflow-wrap:anywhere]"
  >
    {labels[field]} {problem}.
  </p>
)
