import type { ReactNode } from 'react'
import { InfoIcon, ProblemIcon, SuccessIcon, WarnIcon } from './icons'

const tones = {
  info: { icon: InfoIcon, label: 'Note', className: 'bg-info-soft text-info' },
  warn: { icon: WarnIcon, label: 'Warning', className: 'bg-warn-soft text-warn' },
  problem: { icon: ProblemIcon, label: 'Error', className: 'bg-problem-soft text-problem' },
  success: { icon: SuccessIcon, label: 'Done', className: 'bg-success-soft text-success' },
} as const

type Props = {
  tone: keyof typeof tones
  title?: string
  children: ReactNode
  id?: string
  /** Only for messages that appear after a user action: screen readers announce them at once. */
  role?: 'alert' | 'status'
}

/** A message. Icon and hidden label tell its tone to users who cannot see the colour. */
export function Notice({ tone, title, children, id, role }: Props) {
  const { icon: Icon, label, className } = tones[tone]
  return (
    <div id={id} role={role} className={`flex gap-2.5 rounded-lg px-3.5 py-3 text-sm ${className}`}>
      <Icon className="mt-px size-5 shrink-0" />
      <div className="grid min-w-0 gap-0.5">
        <span className="sr-only">{label}: </span>
        {title && <p className="font-semibold">{title}</p>}
        <div className="text-ink">{children}</div>
      </div>
    </div>
  )
}
