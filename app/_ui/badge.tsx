import type { ReactNode } from 'react'
import type { Lane } from '@/lib/request/trace'

const shape =
  'inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-medium whitespace-nowrap'

const lanes: Record<Lane, { text: string; look: string; dot: string }> = {
  stytch: {
    text: 'Stytch lane',
    look: 'bg-stytch-soft text-stytch',
    dot: 'rounded-full bg-stytch-line',
  },
  legacy: { text: 'Legacy lane', look: 'bg-legacy-soft text-legacy', dot: 'bg-legacy-line' },
  anonymous: {
    text: 'Anonymous',
    look: 'bg-anonymous-soft text-anonymous',
    dot: 'rounded-full border-[1.5px] border-current',
  },
}

/** Which provider's session it is: a hue and a shape for each, and always the word. */
export function LaneBadge({ lane }: { lane: Lane }) {
  const { text, look, dot } = lanes[lane]
  return (
    <span className={`${shape} ${look}`}>
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
