import type { ReactNode } from 'react'
import type { Lane } from '@/lib/request/trace'

const shape =
  'inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-medium whitespace-nowrap'

const lanes: Record<Lane, { text: string; className: string; dot: string }> = {
  stytch: {
    text: 'Stytch lane',
    className: 'bg-stytch-soft text-stytch',
    dot: 'rounded-full bg-stytch-line',
  },
  legacy: {
    text: 'Legacy lane',
    className: 'bg-legacy-soft text-legacy',
    dot: 'bg-legacy-line',
  },
  anonymous: {
    text: 'Anonymous',
    className: 'bg-anonymous-soft text-anonymous',
    dot: 'rounded-full border-[1.5px] border-current',
  },
}

/** The lane of a session. Text and shape tell the lanes apart for users who cannot see the colour. */
export function LaneBadge({ lane }: { lane: Lane }) {
  const { text, className, dot } = lanes[lane]
  return (
    <span className={`${shape} ${className}`}>
      <span aria-hidden="true" className={`size-2 shrink-0 ${dot}`} />
      {text}
    </span>
  )
}

const tones = {
  neutral: 'bg-sunken text-quiet',
  success: 'bg-success-soft text-success',
  warn: 'bg-warn-soft text-warn',
  problem: 'bg-problem-soft text-problem',
} as const

export function Badge({
  tone = 'neutral',
  children,
}: {
  tone?: keyof typeof tones
  children: ReactNode
}) {
  return <span className={`${shape} ${tones[tone]}`}>{children}</span>
}
