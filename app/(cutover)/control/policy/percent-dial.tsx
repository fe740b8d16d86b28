'use client'

import { useEffect, useState } from 'react'
import { DialField, dialId } from './dial-field'

/**
 * The percentage: a number, and beside it a slider that writes into it. What is sent is the number; the slider
 * appears with the script that it needs.
 */
export function PercentDial({ initial, problem }: { initial: string; problem?: string }) {
  const [position, setPosition] = useState<number | null>(null)
  useEffect(() => setPosition(Number(initial) || 0), [initial])
  return (
    <DialField
      field="percent"
      defaultValue={initial}
      problem={problem}
      hint="Of all visitors, 0 to 100. Raising it never moves anyone back, lowering it never ends a Stytch session."
      inputMode="decimal"
      className="max-w-24 text-right"
      onInput={({ currentTarget: { value } }) => setPosition(Number(value) || 0)}
      beside={
        position !== null && (
          <input
            type="range"
            min="0"
            max="100"
            step="1"
            value={position}
            aria-label="Percentage, as a slider"
            onChange={({ currentTarget: { value } }) => {
              setPosition(Number(value))
              const number = document.getElementById(dialId('percent'))
              if (number instanceof HTMLInputElement) number.value = value
            }}
            className="h-11 w-full min-w-0 cursor-pointer accent-stytch"
          />
        )
      }
    />
  )
}
