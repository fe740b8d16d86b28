import { type ComponentProps, type ReactNode, useId } from 'react'

type Props = Omit<ComponentProps<'input'>, 'id'> & {
  label: string
  hint?: ReactNode
  /** Set when what was typed is the problem; the text itself may stand elsewhere, see `describedBy`. */
  invalid?: boolean
  describedBy?: string
}

/** The look of what can be typed into. */
export const inputClass =
  'min-h-11 w-full rounded-lg border border-line-strong bg-surface px-3 py-2 text-base placeholder:text-quiet aria-invalid:border-problem'

/** A labelled input. */
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
