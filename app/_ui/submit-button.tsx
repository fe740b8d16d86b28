'use client'

import type { ReactNode } from 'react'
import { useFormStatus } from 'react-dom'
import { type ButtonKind, buttonClass } from './button'
import { Spinner } from './spinner'

type Props = {
  children: ReactNode
  kind?: ButtonKind
  className?: string
  /** Tells the buttons of a form apart: the form sends the name and value of the clicked one. */
  name?: string
  value?: string
  'aria-label'?: string
}

/** Submits its form once. While a request is pending it keeps the focus and ignores clicks. */
export function SubmitButton({
  children,
  kind = 'primary',
  className,
  name,
  value,
  ...aria
}: Props) {
  const { pending, data } = useFormStatus()
  const isSubmitter = pending && (name === undefined || data?.get(name) === value)
  return (
    <button
      type="submit"
      name={name}
      value={value}
      aria-disabled={pending}
      aria-busy={isSubmitter}
      onClick={(event) => {
        if (pending) event.preventDefault()
      }}
      className={buttonClass(kind, className)}
      {...aria}
    >
      {isSubmitter && <Spinner />}
      {children}
    </button>
  )
}
