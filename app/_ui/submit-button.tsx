'use client'

import type { ReactNode } from 'react'
import { useFormStatus } from 'react-dom'
import { type ButtonKind, buttonClass } from './button'
import { Spinner } from './spinner'

type Props = {
  children: ReactNode
  kind?: ButtonKind
  className?: string
  /** Where a form has several buttons: what this one sends. */
  name?: string
  value?: string
  'aria-label'?: string
}

/** Sends its form once: while an answer is awaited, it stays focused and does nothing. */
export function SubmitButton({
  children,
  kind = 'primary',
  className,
  name,
  value,
  ...aria
}: Props) {
  const { pending, data } = useFormStatus()
  const isMine = pending && (name === undefined || data?.get(name) === value)
  return (
    <button
      type="submit"
      name={name}
      value={value}
      aria-disabled={pending}
      aria-busy={isMine}
      onClick={(event) => {
        if (pending) event.preventDefault()
      }}
      className={buttonClass(kind, className)}
      {...aria}
    >
      {isMine && <Spinner />}
      {children}
    </button>
  )
}
