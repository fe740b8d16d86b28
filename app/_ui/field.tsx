import { type ComponentProps, type ReactNode, useId } from 'react'

type Props = Omit<ComponentProps<'input'>, 'id'> & {
  label: string
  hint?: ReactNode
  /** Marks the value as invalid. The error message may be elsewhere: see `describedBy`. */
  invalid?: boolean
  /** Id of the element with the error message. */
  describedBy?: string
}

/** Styles of text inputs and textareas. */
export const inputClass =
  'min-h-11 w-full rounded-lg border border-line-strong bg-surface px-3 py-2 text-base placeholder:text-quiet aria-invalid:border-problem'

export function Field({ label, hint, invalid, describedBy, className = '', ...input }: Props) {
  const id = useId()
  const hintId = hint ? `${id}-hint` : undefined
  const describedByIds = [hintId, describedBy].filter(Boolean).join(' ') || undefined
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={invalid || undefined}
        aria-describedby={describedByIds}
        className={`${inputClass} ${className}`}
        {...input}
      />
      {hint && (
        <p id={hintId} className="text-quiet text-xs">
          {hint}
        </p>
      )}
    </div>
  )
}
