import type { ReactNode } from 'react'
import { InfoIcon, ProblemIcon, SuccessIcon, WarnIcon } from './icons'

const tones = {
  info: { icon: InfoIcon, spoken: 'Note', look: 'bg-info-soft text-info' },
  warn: { icon: WarnIcon, spoken: 'Warning', look: 'bg-warn-soft text-warn' },
  problem: { icon: ProblemIcon, spoken: 'Problem', look: 'bg-problem-soft text-problem' },
  success: { icon: SuccessIcon, spoken: 'Done', look: 'bg-success-soft text-success' },
} as const

type Props = {
  tone: keyof typeof tones
  title?: string
  children: ReactNode
  id?: string
  /** Only for what appears after something was done: it interrupts a screen reader. */
  role?: 'alert' | 'status'
}

/** Something to know, told by shape and words, not by colour alone. */
export function Notice({ tone, title, children, id, role }: Props) {
  const { icon: Icon, spoken, look } = tones[tone]
  return (
    <div id={id} role={role} className={`flex gap-2.5 rounded-lg px-3.5 py-3 text-sm ${look}`}>
      <Icon className="mt-px size-5 shrink-0" />
      <div className="grid min-w-0 gap-0.5">
        <span className="sr-only">{spoken}: </span>
        {title && <p className="font-semibold">{title}</p>}
        <div className="text-ink">{children}</div>
      </div>
    </div>
  )
}
